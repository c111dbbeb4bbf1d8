/** The store of zips with the credentials that the Job mounts: read here, and given to nothing else. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ZipPlace } from '../odoo-zip/zip-place.ts'
import type { ZipStore } from '../odoo-zip/zip-store.ts'
import { type PointPaths, readMounted } from './point-paths.ts'

export async function withZipStore<T>(
  place: ZipPlace,
  paths: PointPaths,
  work: (store: ZipStore) => Promise<T>,
): Promise<T> {
  // The library for S3 is big: the agents that make and restore points never load it.
  const { openZipStore } = await import('../odoo-zip/zip-store.ts')
  const inStore = (key: string) => readMounted(join(paths.store, key)).trim()
  const ca = join(paths.store, 'ca.crt')
  const store = openZipStore(place, {
    accessKeyId: inStore('accessKeyId'),
    secretAccessKey: inStore('secretAccessKey'),
    ca: existsSync(ca) ? readMounted(ca) : undefined,
  })
  try {
    return await work(store)
  } finally {
    store.close()
  }
}
