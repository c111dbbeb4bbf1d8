/**
 * Knows which servers are away: asks each server that has tenants for a sign of life, one small statement every few
 * seconds whatever the number of tenants. So a fleet at rest learns that its server is gone, and nobody waits for a
 * connection to a server that is known to be silent.
 */
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { type Clock, sleep } from '../runtime/clock.ts'
import { PostgresError, type PostgresFault } from './errors.ts'
import type { PostgresServers } from './servers.ts'

export interface PulseOptions {
  readonly servers: Pick<PostgresServers, 'of' | 'blame'>
  /** Classes that have tenants now. */
  readonly classes: () => readonly TenantClass[]
  /** A server went away, or came back. */
  readonly changed: (className: string) => void
  readonly clock: Clock
  /** Milliseconds between two signs of life; default 5,000. */
  readonly everyMs?: number
}

/** A server that restarts is back by the second question; one that is not is away. */
const patience = 2

/** Faults of the way to the server. A server that refuses the operator may well serve its tenants. */
const silent: ReadonlySet<PostgresFault> = new Set<PostgresFault>([
  'Unreachable',
  'NameNotResolved',
  'ServerStarting',
  'Timeout',
])

export class Pulse {
  readonly #options: PulseOptions
  readonly #asking = new Set<string>()
  readonly #misses = new Map<string, number>()
  readonly #outages = new Map<string, string>()

  constructor(options: PulseOptions) {
    this.#options = options
  }

  /** Why the server of a class is away, as one sentence; undefined while it answers. */
  outage(className: string): string | undefined {
    return this.#outages.get(className)
  }

  /** Asks until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, classes, everyMs = 5_000 } = this.#options
    while (!signal.aborted) {
      const present = classes()
      // A server that takes its time delays no other: it is asked again when it has answered.
      for (const tenantClass of present) void this.ask(tenantClass)
      this.#drop(new Set(present.map(({ metadata }) => metadata.name)))
      await sleep(clock, everyMs, signal)
    }
  }

  /** One question. Never throws. */
  async ask(tenantClass: TenantClass): Promise<void> {
    const { name } = tenantClass.metadata
    if (this.#asking.has(name)) return
    this.#asking.add(name)
    try {
      await (await this.#options.servers.of(tenantClass)).server.ping()
      this.#heard(name)
    } catch (error) {
      await this.#options.servers.blame(name, error)
      if (error instanceof PostgresError && silent.has(error.fault)) this.#missed(name, error.message)
      else this.#heard(name)
    } finally {
      this.#asking.delete(name)
    }
  }

  #heard(name: string): void {
    this.#misses.delete(name)
    if (this.#outages.delete(name)) this.#options.changed(name)
  }

  #missed(name: string, sentence: string): void {
    const misses = (this.#misses.get(name) ?? 0) + 1
    this.#misses.set(name, misses)
    if (misses < patience) return
    const news = !this.#outages.has(name)
    this.#outages.set(name, sentence)
    if (news) this.#options.changed(name)
  }

  /** Forgets classes that are gone. */
  #drop(present: ReadonlySet<string>): void {
    for (const name of this.#misses.keys()) if (!present.has(name)) this.#heard(name)
  }
}
