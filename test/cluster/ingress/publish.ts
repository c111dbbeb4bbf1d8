/** Makes the ingress of a cluster answer on this machine's loopback, by a process that lives as long as the cluster. */

import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { isAlive, logTail, recordedProcesses, startProcess } from '../processes.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'

export interface PublishOptions {
  /** Of a cluster that the harness started: beside it lie the records of the cluster's processes. */
  readonly kubeconfig: string
  /** Where Envoy's port 80 is reached from this machine. */
  readonly address: string
  readonly httpPort: number
}

/** Resolves when the port answers. */
export async function publishIngress({ kubeconfig, address, httpPort }: PublishOptions): Promise<void> {
  const run = dirname(kubeconfig)
  const name = `ingress-${httpPort}`
  const running = recordedProcesses(run).get(name)
  if (running === undefined || !isAlive(running)) {
    startProcess(run, name, [
      process.execPath,
      join(import.meta.dirname, 'forward.ts'),
      String(httpPort),
      address,
      '80',
    ])
  }
  const what = `http://localhost:${httpPort} to answer`
  await waitFor({ what, seconds: 30, every: 50, hint: () => logTail(run, name) }, async () => {
    const started = recordedProcesses(run).get(name)
    if (started === undefined || !isAlive(started))
      throw new ClusterError(`The ingress port ${httpPort} could not be opened; ${logTail(run, name)}`)
    return answers(httpPort)
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
    socket.once('close', () => settle(false))
    socket.once('connect', () => socket.destroy())
  })
}
