/**
 * Leader election by a Lease, with the numbers of controller-runtime: 15 s lease, 10 s to renew, tries every 2 s.
 * Guarantees: two processes never lead at one instant, whatever their wall clocks say, as long as their clocks run at
 * the same rate: a follower counts 15 s on its own monotonic clock since it saw the record change last, and a leader
 * stops 10 s after it *sent* its last successful renewal. Whoever lost the Lease must exit: its memory is stale.
 */
import type { KubeClient } from '../kube/client.ts'
import { ConflictError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import { type Clock, type Random, sleep } from './clock.ts'
import { claimed, givenUp, isFree, type Lease, type Seen } from './lease-record.ts'
import type { Log } from './log.ts'

export interface LeaderOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'update'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly namespace: string
  readonly name: string
  /**
   * The pod's name: no two processes that live at one time share it, and a container that is restarted takes the Lease of
   * its predecessor, which is surely dead, at once.
   */
  readonly identity: string
  readonly leaseMs?: number | undefined
  readonly renewMs?: number | undefined
  readonly retryMs?: number | undefined
}

interface Times {
  readonly leaseMs: number
  readonly renewMs: number
  readonly retryMs: number
}

/** Each lost race means that a cut-off renewal has landed meanwhile; there is one of those at most. */
const releaseTries = 3

export class Leader {
  readonly #options: LeaderOptions & Times
  #seen: Seen | undefined
  /** Monotonic time of sending of the last renewal that succeeded; undefined: not leading. */
  #renewedAt: number | undefined
  /** After a failed write the record must be read again. */
  #stale = false
  /** Lost or given up: a late answer changes nothing any more. */
  #over = false

  constructor(options: LeaderOptions) {
    this.#options = {
      ...options,
      leaseMs: options.leaseMs ?? 15_000,
      renewMs: options.renewMs ?? 10_000,
      retryMs: options.retryMs ?? 2_000,
    }
  }

  /** True only while nobody else can hold the Lease. Asked at every use, it needs no timer to be right. */
  leading(): boolean {
    return (
      this.#renewedAt !== undefined &&
      this.#options.clock.monotonic() < this.#renewedAt + this.#options.renewMs
    )
  }

  /** Resolves true when the Lease is ours, false when the signal aborted first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, log, identity, random, retryMs } = this.#options
    log.info({ identity, lease: this.#options.name }, 'waiting for the Lease')
    while (!signal.aborted) {
      if (await this.#try(signal)) {
        log.info({ identity, lease: this.#options.name }, 'leading')
        return true
      }
      await sleep(clock, retryMs * (1 + 0.2 * random()), signal)
    }
    return false
  }

  /** Renews until the signal aborts ('ended') or the Lease is lost ('lost'), which is known 5 s before others may take it. */
  async hold(signal: AbortSignal): Promise<'ended' | 'lost'> {
    const { clock, log, identity, renewMs, retryMs } = this.#options
    while (!signal.aborted) {
      await sleep(clock, retryMs, signal)
      if (signal.aborted) return 'ended'
      const deadline = new AbortController()
      const left = (this.#renewedAt ?? 0) + renewMs - clock.monotonic()
      const cancel = clock.after(left, () =>
        deadline.abort(new Error('the Lease could not be renewed in time')),
      )
      await Promise.race([this.#try(AbortSignal.any([signal, deadline.signal])), aborted(deadline.signal)])
      cancel()
      if (signal.aborted) return 'ended'
      if (this.leading() && this.#seen?.lease.spec.holderIdentity === identity) continue
      this.#end()
      log.error({ identity, holder: this.#seen?.lease.spec.holderIdentity }, 'lost the Lease')
      return 'lost'
    }
    return 'ended'
  }

  /**
   * Gives the Lease up, so that another may lead at once. To be called when nothing acts any more. Never throws.
   * A renewal that was cut off may still reach the server, even between our read and our write: hence the tries.
   */
  async release(): Promise<void> {
    const { client, identity, log, namespace, name } = this.#options
    let lease = this.#stale ? undefined : this.#seen?.lease
    const held = this.leading()
    this.#end()
    for (let tries = 0; held && tries < releaseTries; tries += 1) {
      try {
        lease ??= await client.get<Lease>(kinds.Lease, { namespace, name })
        if (lease?.spec.holderIdentity !== identity) return
        await client.update<Lease>(kinds.Lease, givenUp(lease, this.#options.clock.now()))
        return
      } catch (error) {
        lease = undefined
        if (error instanceof ConflictError) continue
        return log.warn({ error }, 'the Lease could not be given up; it runs out by itself')
      }
    }
  }

  /** One attempt to get or keep the Lease. Never throws: a failed attempt is answered by the clock. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { client, clock, log, namespace, name } = this.#options
    const sentAt = clock.monotonic()
    try {
      const lease = this.#ours() ?? (await client.get<Lease>(kinds.Lease, { namespace, name }, { signal }))
      if (!lease) {
        const made = claimed({ name, namespace }, this.#options, clock.now())
        this.#won(await client.create<Lease>(kinds.Lease, made, { signal }), sentAt)
        return true
      }
      this.#look(lease)
      if (!isFree(lease, this.#options, this.#seen, clock.monotonic())) return false
      const ours = claimed(lease.metadata, this.#options, clock.now(), lease)
      this.#won(await client.update<Lease>(kinds.Lease, ours, { signal }), sentAt)
      return true
    } catch (error) {
      this.#stale = true
      if (!(error instanceof ConflictError) && !signal.aborted)
        log.warn({ error }, 'the Lease could not be read or written')
      return false
    }
  }

  /** While we hold the Lease, the answer of our last renewal is the newest record: no GET before each PUT. */
  #ours(): Lease | undefined {
    if (this.#stale || !this.leading()) return undefined
    return this.#seen?.lease
  }

  #look(lease: Lease): void {
    this.#stale = false
    const same = this.#seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion
    if (!same) this.#seen = { lease, at: this.#options.clock.monotonic() }
  }

  #end(): void {
    this.#over = true
    this.#renewedAt = undefined
  }

  #won(lease: Lease, sentAt: number): void {
    if (this.#over) return
    this.#seen = { lease, at: sentAt }
    this.#renewedAt = sentAt
    this.#stale = false
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
