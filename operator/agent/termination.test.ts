import { expect, test } from 'vitest'
import { termination } from './termination.ts'

const modules = (count: number) =>
  Array.from({ length: count }, (_, i) => `some_module_with_a_long_name_${i}`)

test('a short result is kept whole', () => {
  const result = { ok: true, modules: modules(3), attachments: 2, seconds: 1.5 } as const
  expect(JSON.parse(termination(result))).toEqual(result)
})

test('a long list is cut to what Kubernetes keeps', () => {
  const text = termination({ ok: true, modules: modules(500), attachments: 2, seconds: 1.5 })
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
  const parsed = JSON.parse(text)
  expect(parsed).toMatchObject({ ok: true, attachments: 2 })
  expect(parsed.modules).toEqual(modules(500).slice(0, parsed.modules.length))
  expect(parsed.modules.length).toBeGreaterThan(80)
})

test.each(['é', '\u0001', '"', '😀'])('a long verdict of %j stays JSON', (character) => {
  const text = termination({ ok: false, reason: 'ModuleUnknown', problem: character.repeat(9000) })
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
  expect(JSON.parse(text)).toMatchObject({ ok: false, reason: 'ModuleUnknown' })
})

test('of many points the newest are told, each whole', () => {
  const points = Array.from({ length: 20 }, (_, i) => ({
    point: `a-tenant-with-a-long-name-20261122${i}`,
    time: '2026-11-22T02:00:00.000Z',
    database: 'a'.repeat(64),
    files: 'b'.repeat(64),
  }))
  const text = termination({ ok: true, points })
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
  const told = JSON.parse(text).points
  expect(told.length).toBeGreaterThan(10)
  expect(told).toEqual(points.slice(0, told.length))
})
