/** The content digest of a recipe: everything that decides an image, and nothing that changes by itself. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ClusterError } from '../progress.ts'
import type { Recipe } from './recipe.ts'

/** Twelve hex digits. `baseDigests` are those of `recipe.bases`, in order. */
export function digest(root: string, recipe: Recipe, baseDigests: readonly string[]): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([recipe.name, process.arch, baseDigests, recipe.facts?.()]))
  for (const file of recipe.sources.flatMap((source) => files(root, source))) {
    const content = readFileSync(join(root, file))
    hash.update(`\0${file}\0${content.length}\0`)
    hash.update(content)
  }
  return hash.digest('hex').slice(0, 12)
}

function files(root: string, path: string): string[] {
  const entry = statSync(join(root, path), { throwIfNoEntry: false })
  if (entry === undefined) throw new ClusterError(`${path} is missing, and an image is made of it`)
  if (!entry.isDirectory()) return path.endsWith('.test.ts') ? [] : [path]
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => files(root, join(path, name)))
}
