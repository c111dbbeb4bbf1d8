/** What a TenantBackup says of itself: phases, facts, one polarity of success, and nobody else's words. */
import { describe, expect, it } from 'vitest'
import { aBackup, aJob, anObservation, aResult } from '../../test/fixtures/backup-objects.ts'
import { NOW } from '../../test/fixtures/tenant-objects.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { StepFailure } from '../tenant/failure.ts'
import type { BackupObservation } from './observation.ts'
import { planBackup } from './plan.ts'
import { backupStatus, durationInWords, ownStatus, sizeInWords } from './status.ts'

const of = aJob('backup-shop1-now', {
  startedAt: '2026-11-22T05:00:00Z',
  endedAt: '2026-11-22T05:03:12Z',
})
const status = (change: Partial<BackupObservation> = {}, failure?: StepFailure, now = NOW) => {
  const observation = anObservation(change)
  return backupStatus(observation, planBackup(observation, now), failure, now)
}
const conditions = (change: Partial<BackupObservation> = {}, failure?: StepFailure) =>
  status(change, failure).conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)
const stored = (said: TenantBackup['status']) => aBackup('shop1-now', {}, said)
const good = { job: { kind: 'ended', result: aResult, of } } as const
const expired = {
  type: 'Expired',
  status: 'True',
  reason: 'Retention',
  message: 'nobody keeps it',
  lastTransitionTime: '2026-11-22T06:00:00Z',
} as const

describe('a TenantBackup', () => {
  it('that waits is neither made nor failed', () => {
    const waiting = { others: { ...anObservation().others, change: true } }
    expect(conditions(waiting)).toEqual(['Succeeded=Unknown ChangeFirst', 'Reconciling=True ChangeFirst'])
    expect(status(waiting).phase).toBe('Pending')
    expect(conditions({ policy: undefined })).toEqual([
      'Succeeded=Unknown PolicyNotFound',
      'Stalled=True PolicyNotFound',
    ])
  })

  it('that runs says since when, of which tenant and where to', () => {
    expect(
      status({ job: { kind: 'running', problem: undefined, of: { ...of, endedAt: undefined } } }),
    ).toMatchObject({
      phase: 'Running',
      startedAt: '2026-11-22T05:00:00Z',
      tenantUid: '0f8fad5b-d9cb-469f-a165-70867728950e',
      policy: 'nightly',
      repository: 's3:http://s3.store.svc:7070/points/eu/acme/shop1',
      odooVersion: '17.0-1',
      image: 'odoo:17.0-1',
    })
  })

  it('that is whole is Succeeded, with what is in the store', () => {
    expect(conditions(good)).toEqual(['Succeeded=True Complete'])
    const { ok: _, seconds: __, ...facts } = aResult
    expect(status(good)).toMatchObject({ ...facts, phase: 'Succeeded', size: '118Mi', duration: '3m12s' })
  })

  it('that is not is failed, for kstatus too', () => {
    const result = { ok: false, reason: 'FilesMissing', problem: '3 files are missing' } as const
    const bad = status({ job: { kind: 'ended', result, of } })
    expect(bad).toMatchObject({ phase: 'Failed', completedAt: of.endedAt, duration: '3m12s' })
    expect(bad.snapshots).toBeUndefined()
    expect(conditions({ job: { kind: 'ended', result, of } })).toEqual([
      'Succeeded=False FilesMissing',
      'Stalled=True FilesMissing',
    ])
  })

  it('never changes after its verdict', () => {
    for (const change of [good, { job: { kind: 'failed', problem: 'p', at: 0, of } } as const]) {
      const first = status(change)
      const later = { ...change, backup: stored(first), tenant: undefined, policy: undefined }
      expect(status(later, undefined, NOW + 1e9)).toEqual(first)
      expect(status({ ...later, job: { kind: 'absent' } }, undefined, NOW + 1e9)).toEqual(first)
    }
  })

  it('on its way out stays a success, and says what it waits for', () => {
    const first = status(good)
    const backup = stored({ ...first, conditions: [...(first.conditions ?? []), expired] })
    const going = { backup, others: { ...anObservation().others, readers: ['TenantRestore d1'] } }
    expect(status(going)).toMatchObject({ ...first, phase: 'Expired', conditions: expect.anything() })
    expect(conditions(going)).toEqual(['Succeeded=True Complete', 'Reconciling=True PointInUse'])
  })

  it('says what a step could not do', () => {
    const failure = new StepFailure('SecretIncomplete', 'later', 'Secret x has no key y; add it')
    expect(conditions({}, failure)).toEqual([
      'Succeeded=Unknown SecretIncomplete',
      'Reconciling=True SecretIncomplete',
    ])
  })

  it('leaves to others what is theirs', () => {
    const verification = { level: 'Boot', time: 't', result: 'Passed', restore: 'r' } as const
    const backup = stored({ ...status(good), verification, conditions: [expired] })
    expect(ownStatus(backup).verification).toBeUndefined()
    expect(ownStatus(backup).conditions).toBeUndefined()
  })
})

it.each([
  [850, '850ms'],
  [42_000, '42s'],
  [192_400, '3m12s'],
  [3_900_000, '1h5m'],
])('%d ms are %s', (ms, words) => expect(durationInWords(ms)).toBe(words))

it.each([
  [0, '0B'],
  [812, '812B'],
  [3_565_158, '3.4Mi'],
  [12_884_901_888, '12Gi'],
])('%d bytes are %s', (bytes, words) => expect(sizeInWords(bytes)).toBe(words))
