/**
 * The files of one tenant's filestore as its database names them: `<2–3 hex>/<40 hex>`, the second part the SHA-1 of what
 * is in them. Any other name is not followed.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { NamedFile } from './manifest.ts'
import type { PointManifest } from './point-manifest.ts'

/** Files looked at together: the volume may be far away. */
const TOGETHER = 32

const isFileName = (name: string): boolean => /^[0-9a-f]{2,3}\/[0-9a-f]{40}$/.test(name)

/** Which of them `folder` has, and how big they are. */
export async function lookForFiles(
  folder: string,
  named: readonly NamedFile[],
): Promise<Pick<PointManifest, 'files' | 'missing' | 'remade'>> {
  const files: Record<string, number> = {}
  const missing: string[] = []
  const remade: string[] = []
  await together(named, async (file) => {
    const size = isFileName(file.name) ? await sizeOf(join(folder, file.name)) : undefined
    if (size !== undefined) files[file.name] = size
    else (file.remade ? remade : missing).push(file.name)
  })
  return { files, missing: missing.sort(), remade: remade.sort() }
}

export type FileFault =
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'corrupt'; readonly name: string }

/** Reads every file and compares its SHA-1 with its name; the first that is not right. */
export async function findFileFault(
  folder: string,
  files: PointManifest['files'],
): Promise<FileFault | undefined> {
  let fault: FileFault | undefined
  await together(Object.entries(files), async ([name, size]) => {
    if (fault !== undefined) return
    const path = join(folder, name)
    if (!isFileName(name) || (await sizeOf(path)) === undefined) fault = { kind: 'missing', name }
    else if ((await sizeOf(path)) !== size || (await sha1Of(path)) !== name.replace(/^.*\//, ''))
      fault = { kind: 'corrupt', name }
  })
  return fault
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function together<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const one = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: TOGETHER }, one))
}
