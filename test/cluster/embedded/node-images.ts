/**
 * Images unpacked once, for every cluster: a containerd root in the cache, made by a containerd of its own, from which
 * a cluster starts as a tree of hard links. Importing Odoo takes half a minute, linking it a second.
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cached } from '../cache.ts'
import { command, tryCommand } from '../command.ts'
import { cacheDirectory } from '../paths.ts'
import { killProcesses, recordedProcesses } from '../processes.ts'
import type { Log } from '../progress.ts'
import { cellInit, launchIn, startCell, stateOf } from './cell.ts'
import { importImage, startImageStore } from './containerd.ts'

const what = 'node-images'

/** Each holds unpacked images of some gigabytes: enough for the sets that tests, demo and benches ask for. */
const kept = 3

/** The directory of a containerd root with the images of these archives, whose names carry the digest of their content. */
export async function ensureNodeImages(archives: readonly string[], log: Log): Promise<string> {
  const parts = archives.map((path) => basename(path)).sort()
  const path = await cached({ what, parts }, log, async (draft) => {
    log(`unpacking ${archives.length} images`)
    const cell = await startCell(draft)
    try {
      await startImageStore(draft, cell, launchIn(cell, draft))
      for (const archive of archives) await importImage(cell, archive)
    } finally {
      const init = cellInit(cell.holder)
      if (init !== undefined) await killProcesses([init])
      await killProcesses(recordedProcesses(draft).values())
    }
    renameSync(join(stateOf(draft), 'containerd'), join(draft, 'containerd'))
    for (const rest of readdirSync(draft)) {
      if (rest !== 'containerd') rmSync(join(draft, rest), { recursive: true, force: true })
    }
  })
  utimesSync(path, new Date(), new Date())
  await prune()
  return join(path, 'containerd')
}

/** Gives a cluster its own root: files are links, as containerd never changes one, but for its two databases. */
export async function linkNodeImages(root: string, state: string): Promise<void> {
  const copy = join(state, 'containerd')
  const linked = await tryCommand('cp', ['-al', root, copy])
  if (linked.code !== 0) {
    // The cache lies on another file system.
    rmSync(copy, { recursive: true, force: true })
    await command('cp', ['-a', root, copy])
  }
  const databases = readdirSync(copy).flatMap((plugin) =>
    ['meta.db', 'metadata.db'].map((file) => join(copy, plugin, file)),
  )
  for (const path of databases.filter((file) => existsSync(file))) {
    copyFileSync(path, `${path}.own`)
    renameSync(`${path}.own`, path)
  }
}

async function prune(): Promise<void> {
  const entries = readdirSync(cacheDirectory)
    .filter((name) => new RegExp(`^${what}-[0-9a-f]+$`).test(name))
    .map((name) => join(cacheDirectory, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const old of entries.slice(kept)) await command('rm', ['-rf', '--one-file-system', old])
}
