/** What is done next for a TenantBackup, what it waits for and in which words, and when nothing is done at all. */
import { describe, expect, it } from 'vitest'
import { aBackup, aBackupPolicy, aJob, anObservation, aResult } from '../../test/fixtures/backup-objects.ts'
import { aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { BackupObservation, Others } from './observation.ts'
import { planBackup } from './plan.ts'

const HOUR = 3_600_000
const job = aJob('backup-shop1-now')
const forget = aJob('forget-shop1-now')
const plan = (change: Partial<BackupObservation> = {}) => planBackup(anObservation(change), NOW)
const kinds = (change: Partial<BackupObservation> = {}) => plan(change).steps.map((step) => step.kind)
const others = (change: Partial<Others>) => ({ others: { ...anObservation().others, ...change } })

const condition = (type: string, status: 'True' | 'False', reason = 'Complete') => ({
  type,
  status,
  reason,
  message: 'said before',
  lastTransitionTime: '2026-11-22T05:00:00Z',
})
const made = (...more: TenantBackup['status'][]): TenantBackup =>
  aBackup('shop1-now', {}, Object.assign({ conditions: [condition('Succeeded', 'True')] }, ...more))
const expired = (spec = {}) =>
  aBackup('shop1-now', spec, {
    snapshots: aResult.snapshots,
    conditions: [condition('Succeeded', 'True'), condition('Expired', 'True', 'Retention')],
  })

describe('a backup that begins', () => {
  it('makes the key once, and the Job held back', () => {
    expect(plan({ key: undefined }).steps).toEqual([
      { kind: 'make-key', namespace: 'acme-shop1' },
      { kind: 'create-job', work: 'backup', namespace: 'acme-shop1' },
    ])
    expect(kinds()).toEqual(['create-job'])
  })

  it('lets the Job go once it has what it needs and is the one writer', () => {
    const held = { kind: 'held', of: job } as const
    expect(plan({ job: held }).steps).toEqual([
      { kind: 'equip-job', work: 'backup', job },
      { kind: 'claim-repository', namespace: 'acme-shop1', writer: job.uid, resourceVersion: '7' },
      { kind: 'release-job', job },
    ])
    expect(kinds({ job: held, key: { resourceVersion: '8', writer: job.uid } })).toEqual([
      'equip-job',
      'release-job',
    ])
    expect(kinds({ job: held, key: undefined })).toEqual(['make-key'])
  })

  it('of a suspended tenant is made all the same', () => {
    expect(kinds({ tenant: aTenant({ backupPolicy: 'nightly', suspended: true }) })).toEqual(['create-job'])
  })

  it.each<[string, Partial<BackupObservation>, string, string, boolean]>([
    [
      'for its tenant',
      { tenant: undefined },
      'TenantNotFound',
      'OdooTenant shop1 is not in namespace acme; create it, or delete this TenantBackup',
      false,
    ],
    [
      'for a policy to be named',
      { tenant: aTenant(), policy: undefined },
      'PolicyMissing',
      'OdooTenant shop1 names no spec.backupPolicy, which says where points are kept; set it to one that "kubectl get backuppolicies" shows',
      true,
    ],
    [
      'for its policy',
      { policy: undefined },
      'PolicyNotFound',
      'spec.backupPolicy of OdooTenant shop1 names nightly, and there is no such BackupPolicy; create it, or choose one that "kubectl get backuppolicies" shows',
      true,
    ],
    [
      'for Secrets',
      { missingSecrets: ['backup-store', 'backup-escrow'] },
      'SecretNotFound',
      "BackupPolicy nightly names Secret backup-store and Secret backup-escrow, which the operator's namespace does not have; create it there",
      true,
    ],
    [
      'for a database',
      { place: { kind: 'unready', sentence: 'OdooTenant shop1 has no database yet' } },
      'TenantNotReady',
      'OdooTenant shop1 has no database yet',
      false,
    ],
    [
      'for another Job in its repository',
      others({ writer: 'Job backup-shop1-1' }),
      'RepositoryBusy',
      "Job backup-shop1-1 is at work in the tenant's repository; one Job writes at a time",
      false,
    ],
    [
      'for a restore',
      others({ restore: 'back-to-noon' }),
      'RestoreFirst',
      'TenantRestore back-to-noon is under way; the backup begins after it',
      false,
    ],
    [
      'for a change',
      others({ change: true }),
      'ChangeFirst',
      'OdooTenant shop1 is being changed by a Job; the backup begins after it',
      false,
    ],
    [
      'for a place',
      { policy: aBackupPolicy({ concurrency: { backups: 2 } }), ...others({ running: 2 }) },
      'PlaceAwaited',
      'as many backups of BackupPolicy nightly run as its spec.concurrency.backups allows (2); this one begins when one of them ends',
      false,
    ],
    [
      'for a place on its server',
      others({ onServer: 4 }),
      'PlaceAwaited',
      'as many backups and restores run on PostgreSQL server postgres.databases.svc as spec.postgres.concurrentBackups of TenantClass standard allows (4); this one begins when one of them ends',
      false,
    ],
    [
      'for a place on its node',
      others({ onNode: { node: 'n1', running: 4 } }),
      'PlaceAwaited',
      "as many backups and restores run on node n1, where the tenant's volume is, as the operator's setting backups.perNode allows (4); this one begins when one of them ends",
      false,
    ],
    [
      'for a place in the fleet',
      others({ inFleet: 20 }),
      'PlaceAwaited',
      "as many backups and restores run in all as the operator's setting backups.concurrent allows (20); this one begins when one of them ends",
      false,
    ],
  ])('waits %s', (_for, change, reason, message, edit) => {
    expect(plan(change)).toMatchObject({ steps: [], verdict: { kind: 'waiting', reason, message } })
    expect('edit' in plan(change).verdict).toBe(edit)
    // A Job that was made before the obstacle came stays held back.
    expect(kinds({ job: { kind: 'held', of: job }, ...change })).toEqual([])
  })

  it('does not wait for drills, nor for who only reads', () => {
    expect(kinds(others({ readers: ['TenantRestore drill-1'] }))).toEqual(['create-job'])
  })

  it('of a tenant that is being deleted is refused, but for its last', () => {
    const leaving = aTenant({ backupPolicy: 'nightly' }, { deletionTimestamp: '2026-11-22T05:00:00Z' })
    expect(plan({ tenant: leaving }).verdict).toMatchObject({ kind: 'failed', reason: 'TenantDeleting' })
    expect(kinds({ tenant: leaving, backup: aBackup('shop1-last', { trigger: 'Final' }) })).toEqual([
      'create-job',
    ])
  })

  it('ends the Job of a former TenantBackup of its name first', () => {
    expect(plan({ job: { kind: 'foreign', of: job } })).toMatchObject({
      steps: [{ kind: 'remove-job', job }],
      verdict: { kind: 'waiting', reason: 'FormerJobStopping' },
    })
    expect(kinds({ job: { kind: 'leaving', of: job } })).toEqual([])
  })
})

describe('a backup whose Job', () => {
  it('runs goes on without its tenant, and with its trouble told', () => {
    const problem = 'pod x cannot be scheduled'
    expect(plan({ tenant: undefined, job: { kind: 'running', problem, of: job } })).toMatchObject({
      steps: [],
      verdict: { kind: 'running', message: problem },
    })
  })

  it('ends well is a point, and nothing is taken away before the status says so', () => {
    expect(plan({ job: { kind: 'ended', result: aResult, of: job } })).toEqual({
      steps: [],
      verdict: { kind: 'succeeded', result: aResult, job },
    })
  })

  it.each([
    [
      'gives a verdict',
      { kind: 'ended', result: { ok: false, reason: 'FilesMissing', problem: 'p' }, of: job },
      'FilesMissing',
      'p',
    ],
    [
      'fails',
      { kind: 'failed', problem: 'Job x failed: why', at: 0, of: job },
      'JobFailed',
      'Job x failed: why',
    ],
  ] as const)('%s is none', (_how, state, reason, message) => {
    expect(plan({ job: state })).toEqual({ steps: [], verdict: { kind: 'failed', reason, message, job } })
  })
})

describe('after the verdict', () => {
  const ended = { kind: 'ended', result: aResult, of: { ...job, equipped: true } } as const

  it('the Job of a point goes', () => {
    expect(kinds({ backup: made(), job: ended })).toEqual(['remove-job'])
    expect(kinds({ backup: made() })).toEqual([])
    expect(kinds({ backup: made(), tenant: undefined, policy: undefined })).toEqual([])
  })

  it('the Job of a failure stays for its log, without credentials', () => {
    const failed = aBackup('shop1-now', {}, { conditions: [condition('Succeeded', 'False')] })
    const state = { kind: 'failed', problem: 'p', at: 0, of: { ...job, equipped: true } } as const
    expect(kinds({ backup: failed, job: state })).toEqual(['remove-credentials'])
    expect(kinds({ backup: failed, job: { ...state, of: job } })).toEqual([])
    expect(kinds({ backup: failed, job: { kind: 'held', of: job } })).toEqual(['remove-job'])
  })

  it('a failure that retention clears away leaves nothing to forget', () => {
    const failed = aBackup(
      'shop1-now',
      {},
      {
        conditions: [condition('Succeeded', 'False'), condition('Expired', 'True')],
      },
    )
    expect(kinds({ backup: failed })).toEqual(['delete-backup'])
  })
})

describe('a point that has expired', () => {
  const go = (change: Partial<BackupObservation> = {}) => plan({ backup: expired(), ...change })

  it('is forgotten by a Job, as a backup is made', () => {
    expect(go().steps).toEqual([{ kind: 'create-job', work: 'forget', namespace: 'acme-shop1' }])
    expect(go({ forget: { kind: 'held', of: forget } }).steps.map((step) => step.kind)).toEqual([
      'equip-job',
      'claim-repository',
      'release-job',
    ])
  })

  it('that somebody pinned stays', () => {
    expect(go({ backup: expired({ pinned: true }) })).toEqual({ steps: [], verdict: { kind: 'settled' } })
  })

  it.each([
    ['a restore fills its tenant', others({ restore: 'r1' }), 'PointInUse'],
    ['somebody reads in the repository', others({ readers: ['TenantRestore d1'] }), 'PointInUse'],
    ['somebody writes in it', others({ writer: 'Job backup-x' }), 'RepositoryBusy'],
  ])('waits while %s', (_what, change, reason) => {
    expect(go(change)).toMatchObject({ steps: [], verdict: { kind: 'expiring', reason } })
  })

  it('is no point any more once its tenant is gone: its object goes, and a Job that never began', () => {
    expect(go({ tenant: undefined })).toMatchObject({
      steps: [{ kind: 'delete-backup' }],
      verdict: { reason: 'TenantGone' },
    })
    expect(go({ tenant: undefined, forget: { kind: 'held', of: forget } }).steps).toEqual([
      { kind: 'remove-job', job: forget },
      { kind: 'delete-backup' },
    ])
    const running = { kind: 'running', problem: undefined, of: forget } as const
    expect(go({ tenant: undefined, forget: running }).steps).toEqual([])
  })

  it('leaves the cluster only after the repository', () => {
    const gone = {
      kind: 'ended',
      result: { ok: true, forgotten: 2, repositoryBytes: 1 },
      of: forget,
    } as const
    expect(go({ forget: { kind: 'running', problem: undefined, of: forget } }).steps).toEqual([])
    expect(go({ forget: gone }).steps).toEqual([{ kind: 'delete-backup' }])
  })

  it('that could not be forgotten is tried again an hour later', () => {
    const at = (endedAt: number) => ({ ...forget, equipped: true, endedAt: new Date(endedAt).toISOString() })
    const failed = (of: ReturnType<typeof at>) =>
      ({ kind: 'failed', problem: 'no answer', at: 0, of }) as const
    expect(go({ forget: failed(at(NOW - HOUR / 2)) })).toMatchObject({
      steps: [{ kind: 'remove-credentials' }],
      verdict: {
        reason: 'ForgetFailed',
        message: expect.stringMatching(/^no answer; the point is still in the store/),
      },
      checkAfterMs: HOUR / 2,
    })
    expect(go({ forget: failed(at(NOW - HOUR)) }).steps).toMatchObject([{ kind: 'remove-job' }])
    const refused = { ok: false, reason: 'WrongKey', problem: 'no key opens it' } as const
    expect(go({ forget: { kind: 'ended', result: refused, of: at(NOW) } })).toMatchObject({
      verdict: { reason: 'WrongKey' },
    })
  })
})
