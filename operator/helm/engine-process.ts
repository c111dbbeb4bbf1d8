/**
 * One run of the engine program: requests go in as lines of JSON, answers come back in any order. When the program
 * ends, whatever it owes fails with `EngineEnded`, and this object is of no more use. It ends with the operator however
 * that ends, because its input does.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { basename } from 'node:path'

export interface EngineAnswer {
  readonly id: number
  readonly manifest?: string
  readonly documents?: readonly unknown[]
  readonly error?: string
}

/** The program ended before it answered; the same request may be given to another run. */
export class EngineEnded extends Error {
  override name = 'EngineEnded'
}

interface Owed {
  readonly resolve: (answer: EngineAnswer) => void
  readonly reject: (problem: EngineEnded) => void
}

const maxErrorBytes = 4_096
/** Beyond what any honest answer takes: the manifest, and its documents once more. */
const maxLineBytes = 64 * 1024 * 1024

export class EngineProcess {
  readonly #program: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #owed = new Map<number, Owed>()
  readonly #ended: Promise<void>
  #chunks: Buffer[] = []
  #length = 0
  #last = 0
  #errors = ''
  #problem: string | undefined
  #leaving = false

  /** `args` name the program's limits; its environment holds nothing of ours. */
  constructor(program: string, args: readonly string[]) {
    this.#program = program
    // It renders and forgets: fewer collections for a little more memory.
    this.#child = spawn(program, args, { env: { GOGC: '400' }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-maxErrorBytes)
    })
    // A program that is gone closes the pipe; its end tells the story.
    this.#child.stdin.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', ({ message }) => {
        this.#end(`does not start (${message})`)
        resolve()
      })
      this.#child.once('close', (code, signal) => {
        const said = this.#errors.trim().split('\n').at(-1)
        this.#end(`ended (${signal ?? `exit code ${code}`})${said ? `: ${said}` : ''}`)
        resolve()
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** False once it has ended, or was told to. */
  get serves(): boolean {
    return this.#problem === undefined && !this.#leaving
  }

  /** Rejects with EngineEnded. */
  ask(request: object): Promise<EngineAnswer> {
    if (this.#problem !== undefined) return Promise.reject(new EngineEnded(this.#problem))
    this.#last += 1
    const id = this.#last
    return new Promise((resolve, reject) => {
      this.#owed.set(id, { resolve, reject })
      this.#child.stdin.write(`${JSON.stringify({ ...request, id })}\n`)
    })
  }

  /** Answers what it owes, then ends; resolves when it has. */
  finish(): Promise<void> {
    this.#leaving = true
    this.#child.stdin.end()
    return this.#ended
  }

  kill(): Promise<void> {
    this.#leaving = true
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  #take(chunk: Buffer): void {
    let rest = chunk
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, at)])
      this.#chunks = []
      this.#length = 0
      rest = rest.subarray(at + 1)
      this.#settle(line)
    }
    if (rest.length === 0) return
    this.#chunks.push(rest)
    this.#length += rest.length
    if (this.#length > maxLineBytes) this.#fail(`answered more than ${maxLineBytes} bytes`)
  }

  #settle(line: Buffer): void {
    let answer: EngineAnswer
    try {
      answer = JSON.parse(line.toString()) as EngineAnswer
    } catch {
      this.#fail('answered something that is not JSON')
      return
    }
    const owed = this.#owed.get(answer.id)
    this.#owed.delete(answer.id)
    owed?.resolve(answer)
  }

  #fail(what: string): void {
    this.#end(what)
    void this.kill()
  }

  /** The first reason counts. */
  #end(what: string): void {
    this.#problem ??= `${basename(this.#program)} ${what}`
    for (const { reject } of this.#owed.values()) reject(new EngineEnded(this.#problem))
    this.#owed.clear()
  }
}
