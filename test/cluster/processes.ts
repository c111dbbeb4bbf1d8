/**
 * Processes that outlive the one that starts them. Each leaves `<run>/pids/<name>.json` (pid and start time) and
 * `<run>/logs/<name>.log`. A pid is killed only when its start time is still the recorded one, so that a recycled
 * pid is never hit.
 */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from './wait.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between boot and the start of the process: field 22 of /proc/PID/stat. */
  readonly startTime: string
}

/** The process that has this pid now; `undefined` when none, or when it is only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks and parentheses; state is the first field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const startTime = fields[19]
    return fields[0] === 'Z' || fields[0] === 'X' || startTime === undefined ? undefined : { pid, startTime }
  } catch {
    return undefined
  }
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTime === process.startTime
}

/** Starts a program in a session of its own, so that Ctrl-C in the terminal does not reach it. */
export function startProcess(
  runDir: string,
  name: string,
  argv: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): ProcessIdentity {
  mkdirSync(join(runDir, 'pids'), { recursive: true })
  mkdirSync(join(runDir, 'logs'), { recursive: true })
  const log = openSync(logPath(runDir, name), 'a')
  const child = spawn(argv[0], argv.slice(1), {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  })
  closeSync(log)
  child.on('error', () => {})
  child.unref()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity === undefined) throw new Error(`${argv[0]} did not start; see ${logPath(runDir, name)}`)
  writeFileSync(join(runDir, 'pids', `${name}.json`), JSON.stringify(identity))
  return identity
}

function logPath(runDir: string, name: string): string {
  return join(runDir, 'logs', `${name}.log`)
}

/** The last lines of a process's log, for an error message. */
export function logTail(runDir: string, name: string, lines = 8): string {
  try {
    const text = readFileSync(logPath(runDir, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    return `the end of ${logPath(runDir, name)}:\n${text}`
  } catch {
    return `no log at ${logPath(runDir, name)}`
  }
}

export function recordedProcesses(runDir: string): Map<string, ProcessIdentity> {
  const found = new Map<string, ProcessIdentity>()
  let files: string[] = []
  try {
    files = readdirSync(join(runDir, 'pids'))
  } catch {
    return found
  }
  for (const file of files) {
    try {
      found.set(
        file.replace(/\.json$/, ''),
        JSON.parse(readFileSync(join(runDir, 'pids', file), 'utf8')) as ProcessIdentity,
      )
    } catch {
      // A file cut short by a crash names no process that could be killed safely.
    }
  }
  return found
}

/** Ends a process with all others of the group that it leads. */
export function killGroup(leader: ProcessIdentity | undefined): void {
  if (leader === undefined || !isAlive(leader)) return
  try {
    process.kill(-leader.pid, 'SIGKILL')
  } catch {
    // It ended by itself between the look and the signal.
  }
}

/** SIGKILL, because the data are thrown away with the cluster; returns once all are gone. */
export async function killProcesses(processes: Iterable<ProcessIdentity>): Promise<void> {
  const alive = [...processes].filter(isAlive)
  for (const { pid } of alive) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself between the look and the signal.
    }
  }
  await waitFor(
    { what: `processes ${alive.map(({ pid }) => pid).join(', ')} to end`, seconds: 30, every: 20 },
    () => !alive.some(isAlive),
  )
}
