/** Run one build command in a process group of its own, its output in a log file, so that a whole build can be ended. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify } from '../processes.ts'
import { ClusterError } from '../progress.ts'

export interface CommandOptions {
  readonly logFile: string
  /** What failed, for the error's sentence; default: the program. */
  readonly title?: string
  /** Where the running group is recorded, so that a later process can end it if this one is killed. */
  readonly groupsDir: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Resolves with standard output; rejects with the last lines of the log when the command fails. */
export function command(argv: readonly string[], options: CommandOptions): Promise<string> {
  const [program = '', ...args] = argv
  const log = openSync(options.logFile, 'a')
  writeFileSync(log, `$ ${argv.join(' ')}\n`)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const identity = child.pid === undefined ? undefined : identify(child.pid)
    const record = identity === undefined ? undefined : join(options.groupsDir, String(identity.pid))
    if (record !== undefined) writeFileSync(record, JSON.stringify(identity))
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      writeFileSync(log, chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => writeFileSync(log, chunk))
    // A program that ends without reading its input closes the pipe; its exit code tells the story.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    let settled = false
    const settle = (failure: string | undefined) => {
      if (settled) return
      settled = true
      closeSync(log)
      if (record !== undefined) rmSync(record, { force: true })
      if (failure === undefined) resolve(Buffer.concat(chunks).toString().trim())
      else {
        const end = tail(options.logFile)
        reject(
          new ClusterError(`${options.title ?? program} ${failure}. The end of ${options.logFile}:\n${end}`),
        )
      }
    }
    child.once('error', (error) => settle(`could not start (${error.message})`))
    child.once('close', (code, signal) =>
      settle(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`),
    )
  })
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}
