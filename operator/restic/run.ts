/**
 * Runs one restic process to its end. Its environment is its own; it is asked to stop when the agent is, and takes its
 * lock away then. Throws `ResticError` for every end but exit code 0.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { faultOf, silentStore } from './fault.ts'
import { type ResticPlace, repositoryAddress, resticEnvironment } from './repository.ts'

export interface ResticRun {
  /** PATH of restic and of a command that it starts. */
  readonly path: string
  readonly signal: AbortSignal
  /** For the command that restic reads from. */
  readonly environment?: Readonly<Record<string, string>>
  /** Milliseconds after which a store that does not answer is given up; restic itself would try for 15 minutes. */
  readonly patience?: number
  /** Takes each line of standard output; default: all are kept and returned. */
  readonly onLine?: (line: string) => void
}

/** Lines of standard error that are kept: enough to name the cause. */
const SAID = 64 * 1024

export async function runRestic(
  place: ResticPlace,
  args: readonly string[],
  run: ResticRun,
): Promise<readonly string[]> {
  run.signal.throwIfAborted()
  const child = spawn('restic', [...args], {
    env: { ...run.environment, ...resticEnvironment(place, run.path) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kept: string[] = []
  let said = ''
  const lines = createInterface({ input: child.stdout })
  lines.on('line', run.onLine ?? ((line) => kept.push(line)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, SAID)
  })
  const late = AbortSignal.any(run.patience === undefined ? [] : [AbortSignal.timeout(run.patience)])
  const end = await ended(child, AbortSignal.any([run.signal, late]))
  run.signal.throwIfAborted()
  const address = repositoryAddress(place.repository)
  if (late.aborted && end.code !== 0) throw silentStore(address, said)
  const fault = faultOf({ ...end, said: end.said ?? said }, address)
  if (fault !== undefined) throw fault
  return kept
}

/** SIGTERM is what restic cleans up after; the command below it gets a broken pipe. */
function ended(
  child: ChildProcess,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly signal: string | null; readonly said?: string }> {
  return new Promise((resolve) => {
    const stop = () => child.kill('SIGTERM')
    signal.addEventListener('abort', stop)
    child.once('error', (error) => {
      signal.removeEventListener('abort', stop)
      resolve({ code: 127, signal: null, said: `restic cannot be started: ${error.message}` })
    })
    child.once('close', (code, ending) => {
      signal.removeEventListener('abort', stop)
      resolve({ code, signal: ending })
    })
  })
}
