/** Runs one program of PostgreSQL to its end, in an environment of its own; asked to stop when the agent is. */
import { spawn } from 'node:child_process'

export interface ProgramRun {
  /** Where it is found. */
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Takes each piece of standard error; true ends the program at once. */
  readonly enough?: (said: string) => boolean
}

export interface ProgramEnd {
  /** Null when it was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Characters of standard error that are kept. */
const SAID = 64 * 1024

export function runProgram(program: string, args: readonly string[], run: ProgramRun): Promise<ProgramEnd> {
  run.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      env: { PATH: run.path, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...run.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    const stop = () => child.kill('SIGTERM')
    run.signal.addEventListener('abort', stop)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = `${stderr}${text}`.slice(0, SAID)
      if (run.enough?.(stderr) === true) stop()
    })
    child.once('error', (error) => {
      run.signal.removeEventListener('abort', stop)
      reject(new Error(`${program} cannot be started (${error.message}); the agent's image must have it`))
    })
    child.once('close', (code) => {
      run.signal.removeEventListener('abort', stop)
      if (run.signal.aborted) reject(run.signal.reason)
      else resolve({ code, stdout, stderr })
    })
  })
}

/** `pg_dump (PostgreSQL) 17.10 (Debian …)` → `17.10`. */
export async function versionOf(program: string, run: ProgramRun): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, ['--version'], run)
  const version = /\) (\S+)/.exec(stdout)?.[1]
  if (code !== 0 || version === undefined) throw new Error(`${program} --version failed: ${stderr || stdout}`)
  return version
}

export const majorOf = (version: string): number => Number.parseInt(version, 10)

/** To pg_restore: what belongs to the server that a dump comes from, and means nothing on another one. */
export const withoutItsServer = [
  '--no-owner',
  '--no-privileges',
  '--no-tablespaces',
  '--no-publications',
  '--no-subscriptions',
  '--no-security-labels',
] as const
