/**
 * Renders charts with Helm's own template engine, kept running as one program (`helm-engine/`) while there is work: it
 * starts with the first request and ends after some seconds without one, so a fleet at rest has no Helm process.
 *
 * Guarantees: a bounded number of requests is in the program at a time, the others wait in order; a program that ends in
 * the middle is started anew and each request it owed is asked once more; one that takes too long is killed.
 */
import { type EngineAnswer, EngineEnded, EngineProcess } from './engine-process.ts'
import { ReleaseFailure } from './failure.ts'
import {
  type ChartRenderer,
  type Rendered,
  type RenderRequest,
  renderFailed,
  sentenceOf,
} from './renderer.ts'

export interface HelmEngineOptions {
  /** Path of the helm-engine program. */
  readonly program: string
  /** Kubernetes version charts are rendered for, such as `1.33.0`: fixed, so that the same input gives the same text. */
  readonly kubeVersion: string
  /** For one request in the program, default 20 s. */
  readonly timeoutMs?: number | undefined
  /** Largest manifest, default 4 MiB. */
  readonly maxBytes?: number | undefined
  /** Without a request for so long the program is ended, default 10 s. */
  readonly idleMs?: number | undefined
  /** Requests in the program at a time, default 8: so many are asked again when it crashes. */
  readonly atOnce?: number | undefined
}

export class HelmEngine implements ChartRenderer {
  readonly #options: Required<{ [K in keyof HelmEngineOptions]: NonNullable<HelmEngineOptions[K]> }>
  #process: EngineProcess | undefined
  #running = 0
  readonly #waiting: (() => void)[] = []
  #idle: NodeJS.Timeout | undefined
  #closed = false
  #starts = 0

  constructor(options: HelmEngineOptions) {
    const { program, kubeVersion, timeoutMs, maxBytes, idleMs, atOnce } = options
    this.#options = {
      program,
      kubeVersion,
      timeoutMs: timeoutMs ?? 20_000,
      maxBytes: maxBytes ?? 4 * 1024 * 1024,
      idleMs: idleMs ?? 10_000,
      atOnce: atOnce ?? 8,
    }
  }

  /** How often the program was started. */
  get starts(): number {
    return this.#starts
  }

  /** The program's process while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  async render(request: RenderRequest, signal?: AbortSignal): Promise<Rendered> {
    const refused = (why: string, remedy: 'input' | 'later') => renderFailed(request, why, remedy)
    const { release, namespace, chart, values } = request
    const answer = await this.#ask({ release, namespace, chart, values }, refused, signal)
    return { manifest: answer.manifest ?? '', documents: answer.documents ?? [] }
  }

  async read(manifest: string, signal?: AbortSignal): Promise<readonly unknown[]> {
    const refused = (why: string, remedy: 'input' | 'later') =>
      new ReleaseFailure(
        'RenderFailed',
        remedy,
        remedy === 'input' ? why : `a release's manifest cannot be read: ${why}`,
      )
    return (await this.#ask({ manifest }, refused, signal)).documents ?? []
  }

  /** Ends the program; requests that are under way fail. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    for (const wake of this.#waiting.splice(0)) wake()
    await this.#process?.kill()
    this.#process = undefined
  }

  async #ask(
    request: object,
    refused: (why: string, remedy: 'input' | 'later') => ReleaseFailure,
    signal: AbortSignal | undefined,
  ): Promise<EngineAnswer> {
    const stopping = () => refused('the operator is stopping', 'later')
    await this.#turn()
    try {
      let answer: EngineAnswer
      try {
        answer = await this.#once(request, signal)
      } catch (problem) {
        if (!(problem instanceof EngineEnded) || this.#closed) throw problem
        answer = await this.#once(request, signal)
      }
      if (answer.error !== undefined) throw refused(sentenceOf(answer.error), 'input')
      return answer
    } catch (problem) {
      if (problem instanceof ReleaseFailure) throw problem
      throw this.#closed || signal?.aborted ? stopping() : refused((problem as Error).message, 'later')
    } finally {
      this.#done()
    }
  }

  /** One try in the program that runs now, or a new one. */
  async #once(request: object, signal: AbortSignal | undefined): Promise<EngineAnswer> {
    if (this.#closed || signal?.aborted) throw new Error('the operator is stopping')
    const engine = this.#start()
    const { timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        // Nothing else ends a render that hangs; what else the program owed is asked again.
        reject(new Error(`helm-engine gave no answer within ${timeoutMs / 1000} s`))
        void engine.kill()
      }, timeoutMs)
      const aborted = () => reject(new Error('the operator is stopping'))
      signal?.addEventListener('abort', aborted, { once: true })
      engine
        .ask(request)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(late)
          signal?.removeEventListener('abort', aborted)
        })
    })
  }

  #start(): EngineProcess {
    if (this.#process?.serves) return this.#process
    const { program, kubeVersion, maxBytes } = this.#options
    this.#starts += 1
    this.#process = new EngineProcess(program, [`-kube-version=${kubeVersion}`, `-max-bytes=${maxBytes}`])
    return this.#process
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#idle)
    if (this.#running < this.#options.atOnce) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #done(): void {
    const next = this.#waiting.shift()
    // The place goes to who waits longest.
    if (next) {
      next()
      return
    }
    this.#running -= 1
    if (this.#running > 0 || this.#closed) return
    this.#idle = setTimeout(() => {
      void this.#process?.finish()
      this.#process = undefined
    }, this.#options.idleMs)
    this.#idle.unref()
  }
}
