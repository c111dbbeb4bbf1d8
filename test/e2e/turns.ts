/**
 * Stories take turns in the one cluster they share: most run two at a time, and one that does something to the cluster
 * itself (kills the operator, stops PostgreSQL, drains the node), or that measures a time, runs alone. Held by a lock on
 * a file, which the kernel gives back whatever becomes of the process.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export type Turn = 'shared' | 'alone'

/** Waits for a turn; the answer ends it. `cluster` is a file that all stories of one cluster name alike. */
export async function takeTurn(cluster: string, turn: Turn): Promise<() => Promise<void>> {
  const mode = turn === 'alone' ? '--exclusive' : '--shared'
  const holder = spawn('flock', [mode, `${cluster}.turns`, '-c', 'echo mine; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [said] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])) as [unknown]
  if (String(said).trim() !== 'mine')
    throw new Error('flock could not lock the cluster for a story; install util-linux')
  return async () => {
    const ended = once(holder, 'exit')
    holder.stdin.end()
    await ended
  }
}
