/** What lies in a volume below one repository, as plain files: listed and removed without any key of it. */
import { readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { StoredObjects } from './stored-objects.ts'

/** `repository`: its folder in the mounted volume. */
export function volumeObjects(repository: string): StoredObjects {
  return {
    list: async (folder) => {
      const below = await readdir(join(repository, folder), { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return []
          throw error
        },
      )
      return below
        .filter((entry) => !entry.isDirectory())
        .map((entry) => ({
          key: relative(repository, join(entry.parentPath, entry.name)),
          version: undefined,
        }))
    },
    remove: async ({ key }) => {
      try {
        await rm(join(repository, key), { force: true })
        return 'gone'
      } catch (error) {
        if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? ''))
          return 'refused'
        throw error
      }
    },
    // Those that the volume's own snapshots keep are not seen.
    versions: () => 'unknown',
    close: () => {},
  }
}
