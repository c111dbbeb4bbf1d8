import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './lock.ts'

let directory = ''
let file = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'))
  file = join(directory, 'lock')
})
afterEach(() => rmSync(directory, { recursive: true }))

test('the second waits, says so once, and comes in after the first', async () => {
  const order: string[] = []
  let letGo = () => {}
  const first = withLock(
    file,
    () => {},
    async () => {
      await new Promise<void>((resolve) => {
        letGo = resolve
      })
      order.push('first')
    },
  )
  const second = withLock(
    file,
    () => {
      order.push('waiting')
      letGo()
    },
    async () => {
      order.push('second')
    },
  )
  await Promise.all([first, second])
  expect(order).toEqual(['waiting', 'first', 'second'])
  expect(existsSync(file)).toBe(false)
})

test('a failure lets go', async () => {
  await expect(
    withLock(
      file,
      () => {},
      () => Promise.reject(new Error('broken')),
    ),
  ).rejects.toThrow('broken')
  expect(existsSync(file)).toBe(false)
})

test('the lock of a dead holder, or of one whose pid now belongs to another, is passed over', async () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1' }))
  const held = await withLock(
    file,
    () => {},
    async () => readFileSync(file, 'utf8'),
  )
  expect(JSON.parse(held)).not.toMatchObject({ startTime: '1' })
})
