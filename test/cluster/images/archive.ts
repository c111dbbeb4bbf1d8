/** The archives of the cache, `<image>-<digest>.tar`, and the same content in buildah's store. Old content goes from both. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Workshop } from './workshop.ts'

/** Archives kept per image: the newest, and one that a cluster may be importing. */
const KEPT = 2

const CONTENT = 'localhost/content/'

export function archivePath(cacheDir: string, name: string, digest: string): string {
  return join(cacheDir, 'images', `${fileName(name)}-${digest}.tar`)
}

/** `docker.io/library/postgres:17` → `postgres-17`. */
export function fileName(name: string): string {
  return basename(name).replace(':', '-')
}

/** The name of an archive's exact content in the store, whatever its official name means by now. */
export function storeTag(archive: string): string {
  return `${CONTENT}${basename(archive, '.tar')}:latest`
}

/** Archives of the same image with older content, all but the newest of them, in order of their age. */
export function outdated(archive: string): string[] {
  const directory = dirname(archive)
  const image = (file: string) => file.replace(/-[0-9a-f]{12}\.tar$/, '')
  return readdirSync(directory)
    .filter((file) => file.endsWith('.tar') && image(file) === image(basename(archive)))
    .map((file) => ({ path: join(directory, file), time: statSync(join(directory, file)).mtimeMs }))
    .sort((a, b) => b.time - a.time)
    .slice(KEPT)
    .map(({ path }) => path)
}

/** After a new archive: takes older ones away, and from the store all content that has no archive any more. */
export async function removeOlder(workshop: Workshop, archive: string): Promise<void> {
  for (const path of outdated(archive)) rmSync(path)
  const names = (await workshop.buildah(['images', '--format', '{{.Name}}'])).split('\n')
  const gone = names
    .filter((name) => name.startsWith(CONTENT))
    .filter((name) => !existsSync(join(dirname(archive), `${basename(name)}.tar`)))
  if (gone.length > 0) await workshop.buildah(['rmi', ...gone.map((name) => `${name}:latest`)])
}
