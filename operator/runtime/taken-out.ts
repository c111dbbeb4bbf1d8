/**
 * What went out of a store before the watch has told it: for good by our own delete or by another object under its name,
 * or up to a version by a label of ours that left the selection. Late events about it are barred. A `deleted` event
 * settles nothing: it may mean "left the selection". The last 1,000 are remembered, far more than are on their way at once.
 */
import { compareVersions } from '../kube/object.ts'

const remembered = 1_000

export class TakenOut {
  /** Uid → version up to which it is out; undefined: for good. Oldest first. */
  readonly #until = new Map<string, string | undefined>()

  add(uid: string, until?: string): void {
    this.#until.set(uid, until)
    const [oldest] = this.#until.keys()
    if (oldest !== undefined && this.#until.size > remembered) this.#until.delete(oldest)
  }

  /** Whether this version of the object is out. */
  bars(uid: string | undefined, version: string): boolean {
    if (uid === undefined || !this.#until.has(uid)) return false
    const until = this.#until.get(uid)
    return until === undefined || compareVersions(version, until) <= 0
  }

  /** A whole list came: what it does not hold cannot come back. */
  keep(listed: ReadonlySet<string>): void {
    for (const uid of this.#until.keys()) if (!listed.has(uid)) this.#until.delete(uid)
  }
}
