/** Run another program to its end and take its output. */
import { spawn } from 'node:child_process'
import { ClusterError } from './progress.ts'

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number
}

export interface CommandResult {
  /** The exit code; 127 when the program does not exist, 137 when it was killed. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Run and report; never throws. */
export function tryCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((settle) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeout === undefined ? {} : { timeout: options.timeout, killSignal: 'SIGKILL' as const }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    child.on('error', (error) => settle({ code: 127, stdout, stderr: stderr + error.message }))
    child.on('close', (code) => settle({ code: code ?? 137, stdout, stderr }))
  })
}

/** Run and return the standard output; throws with the end of the error output when the program fails. */
export async function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryCommand(program, args, options)
  if (result.code === 0) return result.stdout
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-15).join('\n')
  throw new ClusterError(
    `${[program, ...args].join(' ').slice(0, 300)} failed with code ${result.code}:\n${said}`,
  )
}
