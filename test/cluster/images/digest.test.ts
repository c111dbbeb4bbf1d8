import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digest } from './digest.ts'
import type { Recipe } from './recipe.ts'

const recipe: Recipe = { name: 'example.org/it:1', bases: [], sources: ['it'], build: async () => {} }

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'digest-'))
  mkdirSync(join(root, 'it'))
  writeFileSync(join(root, 'it/a.ts'), 'a')
})
afterEach(() => rmSync(root, { recursive: true }))

test('the same sources give the same digest, wherever they lie', () => {
  const first = digest(root, recipe, [])
  expect(first).toMatch(/^[0-9a-f]{12}$/)
  expect(digest(root, recipe, [])).toBe(first)
})

test('content, names, bases and facts decide it', () => {
  const seen = new Set([
    digest(root, recipe, []),
    digest(root, recipe, ['0123456789ab']),
    digest(root, { ...recipe, facts: () => ['1.0'] }, []),
    digest(root, { ...recipe, name: 'example.org/it:2' }, []),
  ])
  writeFileSync(join(root, 'it/a.ts'), 'b')
  seen.add(digest(root, recipe, []))
  rmSync(join(root, 'it/a.ts'))
  writeFileSync(join(root, 'it/b.ts'), 'b')
  seen.add(digest(root, recipe, []))
  expect(seen.size).toBe(6)
})

test('a test beside a source changes no image', () => {
  const before = digest(root, recipe, [])
  writeFileSync(join(root, 'it/a.test.ts'), 'anything')
  expect(digest(root, recipe, [])).toBe(before)
})

test('a missing source is named', () => {
  expect(() => digest(root, { ...recipe, sources: ['gone'] }, [])).toThrow(
    'gone is missing, and an image is made of it',
  )
})
