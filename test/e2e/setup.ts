/**
 * One real cluster for all stories of a project: started (or joined, when one of this name was left running), filled with
 * PostgreSQL, the ingress controller and the operator by its chart, and told to every story by `inject`.
 */
import type { TestProject } from 'vitest/node'
import { bringUp } from '../../demo/environment.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the kubeconfig of the stories' cluster. */
    e2eKubeconfig: string
    /** Port on this machine's loopback at which the ingress controller answers. */
    ingressPort: number
  }
}

/** Set to keep the cluster after the run, for a look at what a failed story left. */
const keep = process.env.TENANTOPS_E2E_KEEP === '1'

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const environment = await bringUp({
    // Two runs side by side on one machine need a name each.
    name: process.env.TENANTOPS_E2E_NAME ?? project.name,
    keep,
    // Nobody here waits a day for data that ends.
    operator: ['retentionNoticeSeconds=10'],
    log: (line) => console.log(line),
  })
  project.provide('e2eKubeconfig', environment.kubectl.kubeconfig)
  project.provide('ingressPort', environment.ingressPort)
  return async () => {
    if (!keep) await environment.stop()
  }
}
