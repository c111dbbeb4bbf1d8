/** Starts and stops the fake PostgreSQL process. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { killProcesses, logTail, type ProcessIdentity, startProcess } from '../../test/cluster/processes.ts'
import { waitFor } from '../../test/cluster/wait.ts'

export interface PostgresProcess {
  readonly identity: ProcessIdentity
  /** Path of the unix socket. */
  readonly socket: string
  stop(): Promise<void>
}

/** `run`: a directory for its socket, log and pid file. Resolves when it answers. */
export async function startPostgresProcess(run: string): Promise<PostgresProcess> {
  const socket = join(run, 'postgres.sock')
  const program = join(import.meta.dirname, 'postgres-server.ts')
  const identity = startProcess(run, 'fake-postgres', [process.execPath, program, socket])
  const stop = () => killProcesses([identity])
  try {
    await waitFor(
      { what: 'the fake PostgreSQL', seconds: 20, every: 30, hint: () => logTail(run, 'fake-postgres') },
      () => answers(socket),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { identity, socket, stop }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => {
      socket.end()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
