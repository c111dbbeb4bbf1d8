/**
 * What the operator's cache takes for the recovery points of a fleet: 1,000 tenants with 60 points each, as the API server
 * sends them, in the store that the operator itself declares; beside it the same without its projection.
 * `npm run bench backup-memory 30` takes another number of points per tenant.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { TenantBackup } from '../operator/api/v1alpha1/tenant-backup.ts'
import { Store } from '../operator/runtime/store.ts'
import { backupCache } from '../operator/tenant/caches.ts'
import { realisticBackup } from '../test/fixtures/realistic-backup.ts'
import type { Bench } from './main.ts'

const TENANTS = 1_000
const MOST_MIB = 100
/** What a page of a list holds. */
const PAGE = 500

export const backupMemory: Bench = {
  about: 'memory of the cache for 60,000 recovery points, with and without what is cut',
  run: async (log) => {
    const points = Number(process.argv[3] ?? 60)
    const count = TENANTS * points
    const whole = measure({ indexes: backupCache.indexes }, points)
    log(`whole: ${whole.mib} MiB`)
    const kept = measure(backupCache, points)
    log(`as the operator keeps them: ${kept.mib} MiB`)
    const figures = {
      tenants: TENANTS,
      points: count,
      jsonBytesEach: Math.round(whole.json / count),
      wholeMiB: whole.mib,
      wholeBytesEach: Math.round((whole.mib * 1_048_576) / count),
      keptMiB: kept.mib,
      keptBytesEach: Math.round((kept.mib * 1_048_576) / count),
    }
    return {
      name: 'backup-memory',
      figures,
      targets: { keptMiB: `<= ${MOST_MIB} for 60,000` },
      ok: kept.mib <= (MOST_MIB * count) / 60_000,
    }
  },
}

/** Heap in use after a collection, with the store filled by pages of JSON as the reflector fills it. */
function measure(
  options: ConstructorParameters<typeof Store<TenantBackup, 'tenant' | 'state'>>[0],
  points: number,
) {
  const before = heap()
  const store = new Store<TenantBackup, 'tenant' | 'state'>(options)
  const prepared: TenantBackup[] = []
  let json = 0
  let page: TenantBackup[] = []
  const turn = () => {
    const text = JSON.stringify({ items: page })
    json += text.length
    const { items } = JSON.parse(text) as { items: TenantBackup[] }
    for (const item of items) prepared.push(store.prepare(item))
    page = []
  }
  for (let tenant = 0; tenant < TENANTS; tenant += 1)
    for (let n = 0; n < points; n += 1) {
      page.push(realisticBackup(tenant, n))
      if (page.length === PAGE) turn()
    }
  turn()
  store.replace(prepared.splice(0), '99999999')
  const mib = Math.round((heap() - before) / 104_857.6) / 10
  if (store.size !== TENANTS * points) throw new Error(`the store holds ${store.size} points`)
  return { mib, json }
}

function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
