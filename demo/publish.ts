/**
 * Makes the ingress controller answer on a port of this machine's loopback, so that `http://<tenant>.localhost:<port>`
 * opens in a browser here. The forwarder is a process of the cluster: it ends with it, also after a crash.
 */
import { createServer, type AddressInfo } from 'node:net'
import { clusterDirectory } from '../test/cluster/paths.ts'
import type { Cluster } from '../test/cluster/cluster.ts'
import { startProcess } from '../test/cluster/processes.ts'
import { ensureTools } from '../test/cluster/tools.ts'
import { waitFor } from '../test/cluster/wait.ts'
import type { Kubectl } from './kubectl.ts'

const service = { namespace: 'projectcontour', name: 'envoy', port: 80 } as const

/** Returns the port; without a wish a free one. Throws when the wished one is taken. */
export async function publishIngress(cluster: Cluster, kubectl: Kubectl, wished?: number): Promise<number> {
  const port = await freePort(wished)
  const run = clusterDirectory(cluster.name)
  if (cluster.provider === 'embedded') {
    const address = await kubectl.run('get', 'service', service.name, '-n', service.namespace, '-o', 'jsonpath={.spec.clusterIP}')
    startProcess(run, 'ingress', [process.execPath, `${import.meta.dirname}/forward.ts`, String(port), address, String(service.port)])
  } else {
    const { kubectl: program } = await ensureTools()
    startProcess(run, 'ingress', [program, '--kubeconfig', kubectl.kubeconfig, 'port-forward', '-n', service.namespace, `service/${service.name}`, `${port}:${service.port}`])
  }
  await waitFor({ what: `the ingress controller on port ${port}`, seconds: 30 }, () => answers(port))
  return port
}

/** Any answer will do: without a tenant's host it is a 404. */
async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  )
}

function freePort(wished = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', () => reject(new Error(`port ${wished} is taken on this machine: stop what uses it, or choose another with TENANTOPS_PORT.`)))
    server.listen(wished, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
