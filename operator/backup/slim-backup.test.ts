/** What of a TenantBackup the cache keeps: all of one under way, and of one at rest what anybody reads. */
import { expect, it } from 'vitest'
import { aBackup } from '../../test/fixtures/backup-objects.ts'
import { realisticBackup } from '../../test/fixtures/realistic-backup.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { choosePoint } from '../restore/choose-point.ts'
import { isCut, slimBackup } from './slim-backup.ts'

const point = realisticBackup(1, 2)
const changed = (status: object, metadata: object = {}): TenantBackup => ({
  ...point,
  metadata: { ...point.metadata, ...metadata },
  status: { ...point.status, ...status },
})
const condition = (type: string, status: string) => ({
  type,
  status,
  reason: 'Said',
  message: 'so it is',
  lastTransitionTime: '2026-11-22T05:00:00Z',
})

it('keeps of a point at rest which it is, of when, how big and whether it was proved', () => {
  const slim = slimBackup(point)
  const { duration: _d, size: _s, files: _f, missingFiles: _m, ...kept } = point.status ?? {}
  const { policy: _p, serverVersion: _v, dumpVersion: _w, odooVersion: _o, conditions, ...rest } = kept
  expect(slim.metadata).toEqual(point.metadata)
  expect(slim.spec).toEqual(point.spec)
  expect(slim.status).toEqual({ ...rest, conditions: expect.any(Array) })
  const bare = ({ type, status, reason }: { type: string; status: string; reason: string }) => [
    type,
    status,
    reason,
  ]
  expect(slim.status?.conditions?.map(bare)).toEqual(conditions?.map(bare))
  expect(isCut(slim)).toBe(true)
  expect(slimBackup(slim)).toEqual(slim)
  const spec = {
    tenant: point.spec.tenant,
    purpose: 'Recover',
    source: { backup: point.metadata.name },
  } as const
  const source = (backup: TenantBackup) => choosePoint({ spec, metadata: point.metadata } as never, [backup])
  expect(source(slim)).toMatchObject({
    kind: 'backup',
    source: { kind: 'snapshots', ...point.status?.snapshots },
  })
})

it('leaves what a drill has said as it is', () => {
  const verified = condition('Verified', 'True')
  const [succeeded] = point.status?.conditions ?? []
  const slim = slimBackup(changed({ conditions: [succeeded, verified] }))
  expect(slim.status?.conditions?.[1]).toEqual(verified)
})

it.each<[string, TenantBackup]>([
  ['was just made', aBackup()],
  ['failed', changed({ phase: 'Failed', conditions: [condition('Succeeded', 'False')] })],
  ['is given up', changed({ conditions: [condition('Succeeded', 'True'), condition('Expired', 'True')] })],
  ['was pinned since', changed({}, { generation: 2 })],
  ['is spared, and still says so', changed({ phase: 'Expired' })],
  ['is being deleted', changed({}, { deletionTimestamp: '2026-11-22T05:00:00Z' })],
])('keeps all of one that %s', (_what, backup) => {
  expect(isCut(backup)).toBe(false)
  expect(slimBackup(backup)).toBe(backup)
})
