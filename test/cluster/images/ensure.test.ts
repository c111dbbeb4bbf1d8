import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureImages } from './ensure.ts'

let cacheDir = ''
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'ensure-'))
})
afterEach(() => rmSync(cacheDir, { recursive: true }))

test('a name without a recipe is refused with the names that have one', async () => {
  const refused = ensureImages(['docker.io/library/mysql:9'], { cacheDir, log: () => {} })
  await expect(refused).rejects.toThrow(
    /There is no recipe for the image docker\.io\/library\/mysql:9; known are .*docker\.io\/library\/postgres:17/,
  )
})
