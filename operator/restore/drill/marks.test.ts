/** A look at the store and single points: which are marked, which are taken back, and which are left alone. */
import { expect, it } from 'vitest'
import { aDrill, aPoint } from '../../../test/fixtures/drill-world.ts'
import { findCondition } from '../../api/condition.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { isMissing, marksOf, missingWord } from './marks.ts'

const NOW = Date.parse('2026-11-22T05:00:00Z')
const store = aPoint.status?.repository ?? ''
const point = (name: string, files: string, status: TenantBackup['status'] = {}): TenantBackup => ({
  ...aPoint,
  metadata: { ...aPoint.metadata, name },
  status: { ...aPoint.status, snapshots: { database: 'd'.repeat(64), files: files.repeat(64) }, ...status },
})
const look = (
  name: string,
  status: 'True' | 'False',
  missingPoints?: string[],
  completedAt = '2026-11-22T04:50:00Z',
) => ({
  ...aDrill({ level: 'Repository', source: { newest: 'InStore' } }),
  metadata: { ...aDrill().metadata, name },
  status: {
    completedAt,
    ...(missingPoints ? { missingPoints } : {}),
    conditions: [
      {
        type: 'Succeeded' as const,
        status,
        reason: 'Told',
        message: '',
        lastTransitionTime: completedAt,
      },
    ],
  },
})
const names = (backups: readonly TenantBackup[]) => backups.map(({ metadata }) => metadata.name)
const marked = (by: ReturnType<typeof look>, backup: TenantBackup): TenantBackup => ({
  ...backup,
  status: {
    ...backup.status,
    verification: missingWord(by, backup, NOW).verification,
    conditions: [...(backup.status?.conditions ?? []), ...(missingWord(by, backup, NOW).conditions ?? [])],
  },
})
const all = [point('first', 'a'), point('second', 'b')]

it('marks what is lacked, once, with point, store and remedy', () => {
  const by = look('look1', 'False', ['b'.repeat(8)])
  const { missing, back } = marksOf(by, all, store)
  expect([names(missing), names(back)]).toEqual([['second'], []])
  const after = all.map((each) => (missing.includes(each) ? marked(by, each) : each))
  expect(after.map(isMissing)).toEqual([false, true])
  expect(findCondition(after[1]?.status?.conditions, 'Verified')).toMatchObject({
    status: 'False',
    reason: 'PointMissing',
    message: `TenantRestore look1 did not find the snapshots of point second in ${store}, so it is no point any more; bring them back from the store's own versions and let a TenantRestore of purpose Drill and level Repository look again, or let it go: kubectl delete tenantbackup -n acme second`,
  })
  expect(marksOf(by, after, store)).toEqual({ missing: [], back: [] })
  const again = look('look2', 'False', ['b'.repeat(8)], '2026-11-22T04:55:00Z')
  expect(marksOf(again, after, store)).toEqual({ missing: [], back: [] })
})

it('takes it back when another look finds it, and not where it did not look', () => {
  const lost = all.map((each) => marked(look('look1', 'False', ['a'.repeat(8), 'b'.repeat(8)]), each))
  const found = (by: ReturnType<typeof look>, where: string | undefined = store) =>
    names(marksOf(by, lost, where).back)
  const later = '2026-11-22T04:55:00Z'
  expect(found(look('look2', 'True', undefined, later))).toEqual(['first', 'second'])
  expect(found(look('look2', 'False', ['a'.repeat(8)], later))).toEqual(['second'])
  // Damage of another kind says nothing of points.
  expect(found(look('look2', 'False', undefined, later))).toEqual([])
  expect(names(marksOf(look('look2', 'True', undefined, later), lost, undefined).back)).toEqual([])
  expect(found(look('look2', 'True', undefined, later), 's3:elsewhere')).toEqual([])
  expect(found(look('look0', 'True', undefined, '2026-11-22T04:40:00Z'))).toEqual([])
})

it('leaves alone what a newer drill has proved, and what goes anyway', () => {
  const verification = {
    level: 'Data',
    time: '2026-11-22T04:58:00Z',
    result: 'Passed',
    restore: 'r',
  } as const
  const expired = {
    type: 'Expired' as const,
    status: 'True' as const,
    reason: 'Retention',
    message: '',
    lastTransitionTime: '2026-11-22T04:58:00Z',
  }
  const others = [
    point('proved', 'a', { verification }),
    point('going', 'a', { conditions: [...(aPoint.status?.conditions ?? []), expired] }),
  ]
  expect(marksOf(look('look1', 'False', ['a'.repeat(8)]), others, store)).toEqual({ missing: [], back: [] })
})
