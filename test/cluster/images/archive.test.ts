import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { archivePath, outdated, storeTag } from './archive.ts'

let cacheDir = ''
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'archive-'))
})
afterEach(() => rmSync(cacheDir, { recursive: true }))

test('the name says image, tag and content', () => {
  const path = archivePath('/cache', 'docker.io/library/postgres:17', '0123456789ab')
  expect(path).toBe('/cache/images/postgres-17-0123456789ab.tar')
  expect(storeTag(path)).toBe('localhost/content/postgres-17-0123456789ab:latest')
})

test('all but the two newest of one image are outdated, and no other image is touched', () => {
  const write = (file: string, age: number) => {
    const path = join(cacheDir, file)
    writeFileSync(path, '')
    utimesSync(path, 1_000_000 - age, 1_000_000 - age)
    return path
  }
  const newest = write('odoo-14.0-aaaaaaaaaaaa.tar', 0)
  write('odoo-14.0-bbbbbbbbbbbb.tar', 1)
  const third = write('odoo-14.0-cccccccccccc.tar', 2)
  const fourth = write('odoo-14.0-dddddddddddd.tar', 3)
  write('odoo-14.0-slim-eeeeeeeeeeee.tar', 4)
  write('postgres-17-ffffffffffff.tar', 5)
  expect(outdated(newest)).toEqual([third, fourth])
})
