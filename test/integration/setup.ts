/**
 * One control plane for all tests of a project, with the project's CustomResourceDefinitions established; its
 * kubeconfig comes by `inject('kubeconfig')`. `TENANTOPS_TEST_CLUSTER` names another cluster than that of the
 * project: one that was started by hand with `node test/cluster/main.ts up --profile control-plane --name NAME` is joined and kept.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { parse } from 'yaml'
import type { KubeClient } from '../../operator/kube/client.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { openTransport } from '../../operator/kube/transport.ts'
import { startCluster } from '../cluster/cluster.ts'
import { ensureHelmEngine } from '../cluster/tools.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of a kubeconfig with full rights on the control plane. */
    kubeconfig: string
  }
}

const definitions = join(import.meta.dirname, '../../crds')

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // On a new machine its build takes longer than a test may.
  await ensureHelmEngine(console.log)
  const name = process.env.TENANTOPS_TEST_CLUSTER ?? project.name
  const cluster = await startCluster({ profile: 'control-plane', name, log: console.log })
  try {
    const transport = await openTransport({ kubeconfig: cluster.kubeconfig })
    await installDefinitions(createClient(transport))
    await transport.close()
  } catch (error) {
    await cluster.stop()
    throw error
  }
  project.provide('kubeconfig', cluster.kubeconfig)
  return () => cluster.stop()
}

/** Applies crds/*.yaml and waits until the API server serves them. */
async function installDefinitions(client: KubeClient): Promise<void> {
  const files = existsSync(definitions)
    ? readdirSync(definitions).filter((file) => file.endsWith('.yaml'))
    : []
  const wanted = new Set<string>()
  for (const file of files) {
    const definition: KubeObject = parse(readFileSync(join(definitions, file), 'utf8'))
    await client.apply(kinds.CustomResourceDefinition, definition)
    wanted.add(definition.metadata.name)
  }
  const { items, resourceVersion } = await client.list<Definition>(kinds.CustomResourceDefinition)
  const see = (definition: Definition) => {
    if (isEstablished(definition)) wanted.delete(definition.metadata.name)
  }
  items.forEach(see)
  if (wanted.size === 0) return
  const options = { resourceVersion, timeoutSeconds: 30, idleMs: 30_000 }
  for await (const event of client.watch<Definition>(kinds.CustomResourceDefinition, options)) {
    if (event.kind === 'added' || event.kind === 'modified') see(event.object)
    if (wanted.size === 0) return
  }
  throw new Error(`not served after 30 s: ${[...wanted].join(', ')}`)
}

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function isEstablished({ status }: Definition): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === 'Established' && value === 'True',
  )
}
