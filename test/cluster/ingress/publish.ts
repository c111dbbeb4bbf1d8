/** Makes the ingress of a cluster answer on this machine's loopback, by a process that lives as long as the cluster. */

import { dirname, join } from 'node:path'
import { isAlive, logTail, recordedProcesses, startProcess } from '../processes.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { openedBy } from './forward.ts'

export interface PublishOptions {
  /** Of a cluster that the harness started: beside it lie the records of the cluster's processes. */
  readonly kubeconfig: string
  /** Where Envoy's port 80 is reached from this machine. */
  readonly address: string
  readonly httpPort: number
}

/** Resolves when the port is open; throws when somebody else has it. */
export async function publishIngress({ kubeconfig, address, httpPort }: PublishOptions): Promise<void> {
  const run = dirname(kubeconfig)
  const name = `ingress-${httpPort}`
  const running = recordedProcesses(run).get(name)
  if (running !== undefined && isAlive(running)) return
  const program = join(import.meta.dirname, 'forward.ts')
  const forwarder = startProcess(run, name, [process.execPath, program, String(httpPort), address, '80'])
  await waitFor({ what: `port ${httpPort} to open`, seconds: 30, every: 50 }, () => {
    // Its own word, because a stranger on the same port would answer as well.
    if (logTail(run, name).includes(openedBy(forwarder.pid))) return true
    if (isAlive(forwarder)) return false
    throw new ClusterError(`Port ${httpPort} of this machine could not be opened; ${logTail(run, name)}`)
  })
}
