/**
 * A collection of the API server as it is now, by list and watch. What is kept of an object is up to the reader, so
 * that the many changes which it does not care about (a pod's status) are not told. Begins anew whenever the watch ends.
 */
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, read } from '../api.ts'

interface Stored {
  readonly metadata: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface Collection<Kept> {
  /** By uid. */
  readonly kept: ReadonlyMap<string, Kept>
  /** The version of each object when it was last seen, by uid. */
  readonly versions: ReadonlyMap<string, number>
  /** The first list has been read. */
  readonly synced: () => boolean
}

export function follow<T extends Stored, Kept>(
  api: Api,
  path: string,
  keep: (object: T) => Kept,
  tell: { changed(): void; seen(): void },
): Collection<Kept> {
  const kept = new Map<string, Kept>()
  const versions = new Map<string, number>()
  let synced = false
  const take = (object: T): boolean => {
    const uid = object.metadata.uid ?? ''
    const now = keep(object)
    versions.set(uid, Number(object.metadata.resourceVersion))
    if (JSON.stringify(kept.get(uid)) === JSON.stringify(now)) return false
    kept.set(uid, now)
    return true
  }
  const drop = (uid: string): boolean => {
    versions.delete(uid)
    return kept.delete(uid)
  }

  const list = async (): Promise<string | undefined> => {
    const found = await read<{ metadata: { resourceVersion: string }; items: T[] }>(api, path)
    if (found === undefined) return undefined
    const there = new Set(found.items.map(({ metadata }) => metadata.uid ?? ''))
    for (const uid of [...kept.keys()]) if (!there.has(uid)) drop(uid)
    found.items.forEach(take)
    synced = true
    tell.changed()
    tell.seen()
    return found.metadata.resourceVersion
  }
  const see = ({ type, object }: { type: string; object: T }) => {
    if (type === 'BOOKMARK' || type === 'ERROR') return
    const changed = type === 'DELETED' ? drop(object.metadata.uid ?? '') : take(object)
    if (changed) tell.changed()
    tell.seen()
  }
  const forever = async (): Promise<never> => {
    for (;;) {
      const version = await list()
      if (version !== undefined)
        await events(api, `${path}?watch=1&timeoutSeconds=600&resourceVersion=${version}`, see)
      await sleep(500)
    }
  }
  void forever()
  return { kept, versions, synced: () => synced }
}

/** Reads the lines of one watch; returns when the connection ends. */
function events<T>({ server, ca, cert, key }: Api, path: string, see: (event: T) => void): Promise<void> {
  return new Promise((settle) => {
    const outgoing = request(`${server}${path}`, { ca, cert, key, agent: false }, (response) => {
      let rest = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') see(JSON.parse(line) as T)
      })
      response.on('close', settle)
    })
    outgoing.on('error', () => settle())
    outgoing.end()
  })
}
