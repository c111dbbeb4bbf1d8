import { expect, test } from 'vitest'
import { claimed, givenUp, isFree } from './lease-record.ts'

const now = Date.UTC(2026, 10, 22, 12)
const place = { namespace: 'home', name: 'operator' }
const us = { identity: 'us', leaseMs: 15_000 }
const them = { identity: 'them', leaseMs: 15_000 }

test('a new record is ours, in times of six digits', () => {
  expect(claimed(place, us, now).spec).toEqual({
    holderIdentity: 'us',
    leaseDurationSeconds: 15,
    acquireTime: '2026-11-22T12:00:00.000000Z',
    renewTime: '2026-11-22T12:00:00.000000Z',
    leaseTransitions: 0,
  })
})

test('kept, it remembers since when; taken over, it counts', () => {
  const first = claimed(place, us, now)
  const kept = claimed(place, us, now + 2_000, first)
  expect(kept.spec).toMatchObject({ acquireTime: first.spec.acquireTime, leaseTransitions: 0 })
  expect(kept.spec.renewTime).not.toBe(first.spec.renewTime)
  const taken = claimed(place, them, now + 30_000, kept)
  expect(taken.spec).toMatchObject({ holderIdentity: 'them', leaseTransitions: 1 })
  expect(taken.spec.acquireTime).toBe(taken.spec.renewTime)
})

test('it is free for its holder, for everybody when given up, and when it was not renewed since we saw it', () => {
  const lease = claimed(place, us, now)
  const seen = { lease, at: 1_000 }
  expect(isFree(lease, us, undefined, 0)).toBe(true)
  expect(isFree(lease, them, undefined, 99_000)).toBe(false)
  expect(isFree(lease, them, seen, 15_999)).toBe(false)
  expect(isFree(lease, them, seen, 16_000)).toBe(true)
  expect(isFree(givenUp(lease, now), them, undefined, 0)).toBe(true)
})
