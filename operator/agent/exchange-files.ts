/**
 * `agent exchange-files`: makes one directory of the filestore serve two databases, and keeps the files of the one that
 * is replaced. Odoo names a file by its SHA-1 and never changes it, so only links are added, and no order of steps can
 * lose one: run again, or cut off anywhere and run again, it ends the same (docs/design/012). Also takes directories away.
 * Assumes that no process of Odoo writes below the three directories while it runs.
 */
import { link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExchangeFilesResult, ExchangeFilesSpec } from './exchange-contract.ts'

/** Folder of an attachment: the first two digits of its SHA-1. */
const folder = /^[0-9a-f]{2}$/
const nameOf = /^[0-9a-f]{40}$/
/** Odoo's list of files that may have to go: `checklist/ab/abcd…`, each an empty file. */
const checklist = 'checklist'

export async function exchangeFiles(
  { database, restored, former, remove }: ExchangeFilesSpec,
  data: string,
): Promise<ExchangeFilesResult> {
  const store = join(data, 'filestore')
  const inStore = (name: string) => join(store, name)
  let kept = 0
  let brought = 0
  if (database !== undefined && former !== undefined && restored !== undefined) {
    const own = inStore(database)
    const before = await filesOf(own)
    const point = await filesOf(inStore(restored))
    // Gone: an earlier run has done it all.
    if (point !== undefined) {
      await mkdir(own, { recursive: true })
      for (const file of before ?? []) kept += await addLink(join(own, file), join(inStore(former), file))
      // What waits to be swept for the former is no business of the point.
      await rm(join(own, checklist), { recursive: true, force: true })
      for (const file of point) brought += await replace(join(inStore(restored), file), join(own, file))
      const there = new Set(point)
      for (const file of before ?? []) if (!there.has(file)) await note(join(own, checklist, file))
      await rm(inStore(restored), { recursive: true, force: true })
    }
  }
  for (const name of remove ?? []) await rm(inStore(name), { recursive: true, force: true })
  return { ok: true, kept, brought }
}

/** `ab/abcd…` of every file, or undefined when there is no such directory. */
async function filesOf(directory: string): Promise<readonly string[] | undefined> {
  const folders = await readdir(directory).catch(absent)
  if (folders === undefined) return undefined
  const files: string[] = []
  for (const each of folders.filter((name) => folder.test(name)))
    for (const name of await readdir(join(directory, each)))
      if (nameOf.test(name)) files.push(`${each}/${name}`)
  return files
}

/** 1 when it was not there. */
async function addLink(from: string, to: string): Promise<number> {
  try {
    await link(from, to)
    return 1
  } catch (error) {
    switch (codeOf(error)) {
      case 'EEXIST':
        return 0
      case 'ENOENT':
        await mkdir(dirname(to), { recursive: true })
        await link(from, to)
        return 1
      default:
        throw error
    }
  }
}

/** Over one of that name: should it be damaged, it is healed. Never absent in between. */
async function replace(from: string, to: string): Promise<number> {
  const beside = `${to}.restored`
  await rm(beside, { force: true })
  await addLink(from, beside)
  await rename(beside, to)
  // Two links to one file: POSIX has rename do nothing then.
  await rm(beside, { force: true })
  return 1
}

async function note(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '')
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}
