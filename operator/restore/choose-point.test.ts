import { describe, expect, it } from 'vitest'
import { aBackup, aResult } from '../../test/fixtures/backup-objects.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { choosePoint } from './choose-point.ts'

const point = (
  name: string,
  hour: number,
  more: TenantBackup['status'] = {},
  tenant = 'shop1',
): TenantBackup =>
  aBackup(
    name,
    { tenant },
    {
      recoveryPointTime: `2026-11-22T${String(hour).padStart(2, '0')}:00:00Z`,
      snapshots: aResult.snapshots,
      manifestDigest: aResult.manifestDigest,
      conditions: [condition('Succeeded', 'True')],
      ...more,
    },
  )
const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  reason: 'R',
  message: 'm',
  lastTransitionTime: '2026-11-22T00:00:00Z',
})
const verification = (result: 'Passed' | 'Failed') => ({
  verification: { level: 'Data', time: '2026-11-22T10:00:00Z', result, restore: 'drill' } as const,
})
const points = [
  point('p1', 1, verification('Passed')),
  point('p2', 2, verification('Passed')),
  point('p3', 3),
  point('p4', 4, verification('Failed')),
  point('going', 5, { conditions: [condition('Succeeded', 'True'), condition('Expired', 'True')] }),
  point('broken', 6, { conditions: [condition('Succeeded', 'False')] }),
  point('running', 7, { conditions: [] }),
  point('other', 8, {}, 'shop2'),
]
const choose = (source: TenantRestore['spec']['source'], among = points) =>
  choosePoint(
    {
      metadata: {
        name: 'back',
        namespace: 'acme',
        uid: 'u',
        generation: 1,
        resourceVersion: '1',
        creationTimestamp: '2026-11-22T09:00:00Z',
      },
      spec: { tenant: 'shop1', purpose: 'Recover', source },
    },
    among,
  )

describe('choosePoint', () => {
  it.each([
    [{ backup: 'p1' }, 'p1'],
    [{ newest: 'Any' as const }, 'p3'],
    [{ newest: 'Verified' as const }, 'p2'],
    [{ before: '2026-11-22T02:30:00Z' }, 'p2'],
    [{ before: '2026-11-22T02:00:00Z' }, 'p2'],
    // By its name also one that a drill found damaged: a person may know better.
    [{ backup: 'p4' }, 'p4'],
    [{ newest: 'Any' as const, tenant: 'shop2' }, 'other'],
  ])('%j takes %s', (source, name) => {
    expect(choose(source)).toMatchObject({
      kind: 'backup',
      backup: { metadata: { name } },
      source: { kind: 'snapshots', ...aResult.snapshots, manifestDigest: aResult.manifestDigest },
    })
  })
  it('asks the store itself when told to', () => {
    expect(choose({ newest: 'InStore' }, [])).toEqual({ kind: 'store', source: { kind: 'newest' } })
  })

  const all =
    'there are p4 (2026-11-22T04:00:00Z), p3 (2026-11-22T03:00:00Z), p2 (2026-11-22T02:00:00Z), p1 (2026-11-22T01:00:00Z): name one of them in another TenantRestore'
  it.each([
    [{ backup: 'nope' }, 'PointNotFound', 'spec.source.backup: TenantBackup nope is not in namespace acme'],
    [
      { backup: 'other' },
      'PointOfAnother',
      'spec.source.backup: TenantBackup other is a point of OdooTenant shop2, not of shop1',
    ],
    [
      { backup: 'broken' },
      'PointIncomplete',
      'spec.source.backup: TenantBackup broken failed, so it holds nothing that could be restored',
    ],
    [
      { backup: 'running' },
      'PointIncomplete',
      'spec.source.backup: TenantBackup running is not complete yet',
    ],
    [
      { backup: 'going' },
      'PointIncomplete',
      'spec.source.backup: TenantBackup going is being removed from the store',
    ],
    [
      { before: '2026-11-22T00:30:00Z' },
      'NoPoint',
      'spec.source.before: no complete point of OdooTenant shop1 is as old as 2026-11-22T00:30:00Z',
    ],
  ])('%j is refused, and what there is is said', (source, reason, message) => {
    expect(choose(source)).toEqual({ kind: 'none', reason, message: `${message}; ${all}` })
  })
  it('never takes the newest for a verified one, and says where to look when there is nothing', () => {
    expect(choose({ newest: 'Verified' }, [point('p3', 3)])).toMatchObject({
      kind: 'none',
      message: expect.stringMatching(
        /^spec.source.newest: no point of OdooTenant shop1 was verified by a drill; there are p3/,
      ),
    })
    expect(choose({ newest: 'Any' }, [])).toMatchObject({
      message: expect.stringMatching(/set spec.source.newest to InStore/),
    })
  })
})
