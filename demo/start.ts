/** `npm start`: a cluster, the operator by its chart, the quickstart's manifests, and a tenant one can log in to. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClusterError, startProgress } from '../test/cluster/progress.ts'
import { bringUp, type Environment } from './environment.ts'
import type { Kubectl } from './kubectl.ts'

const clusterName = 'demo'
const port = Number(process.env.TENANTOPS_PORT ?? 8080)
const manifests = join(import.meta.dirname, '../examples/quickstart')

async function main(): Promise<void> {
  const log = startProgress((line) => console.log(line))
  const environment = await bringUp({
    name: clusterName,
    keep: true,
    ingressPort: port,
    log: (line) => console.log(line),
  })
  const { kubectl } = environment
  for (const file of readdirSync(manifests).sort()) {
    // The quickstart says 8080; whoever chose another port gets it in the tenant's URL, too.
    await kubectl.apply(
      readFileSync(join(manifests, file), 'utf8').replace(
        'publicPort: 8080',
        `publicPort: ${environment.ingressPort}`,
      ),
    )
  }
  log('manifests of examples/quickstart applied; the blueprint is built once, which takes a minute')
  await kubectl.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=900s')
  log('blueprint ready')
  await kubectl.run('wait', 'odootenant/acme', '-n', 'customers', '--for=condition=Ready', '--timeout=300s')
  log('tenant ready')
  console.log(await invitation(environment, kubectl))
}

/** What a person needs next: where, as whom, and how to look further. */
async function invitation(environment: Environment, kubectl: Kubectl): Promise<string> {
  const tenants = await kubectl.run('get', 'odootenants', '-A')
  const config = `export KUBECONFIG=${kubectl.kubeconfig}`
  return `
${tenants.trimEnd()}

Open      http://acme.localhost:${environment.ingressPort}
Login     admin
Password  kubectl get secret acme-admin -n customers -o jsonpath='{.data.password}' | base64 -d

For kubectl:  ${config}
Everything goes away with:  npm stop
`
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ClusterError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
