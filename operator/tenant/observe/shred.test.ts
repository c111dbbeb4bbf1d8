/** What is known before a tenant's recovery points are shredded: what stands in the way, and how its Job stands. */
import { describe, expect, it } from 'vitest'
import { aBackupPolicy } from '../../../test/fixtures/backup-objects.ts'
import { realisticBackup } from '../../../test/fixtures/realistic-backup.ts'
import { aTenant, NOW, UID } from '../../../test/fixtures/tenant-objects.ts'
import type { OdooTenantSpec } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { shredJob } from '../../backup/manifests/shred-job.ts'
import { repositoryOf } from '../../backup/repository.ts'
import type { KubeObject } from '../../kube/object.ts'
import { repositoryAddress } from '../../restic/repository.ts'
import { shredJobName } from '../names.ts'
import { type ShredWorld, shredFacts } from './shred.ts'

const policy = aBackupPolicy()
const leaving = (spec: Partial<OdooTenantSpec> = {}) =>
  aTenant(
    { deletionPolicy: 'Delete', pointsOnDelete: 'Shred', backupPolicy: 'nightly', ...spec },
    { deletionTimestamp: '2026-11-22T05:00:00Z' },
  )
const address = repositoryAddress(repositoryOf(policy, leaving().metadata))
const point = (name: string, status: object = {}): TenantBackup => {
  const made = realisticBackup(1, 1)
  return {
    ...made,
    metadata: { ...made.metadata, name, namespace: 'acme', labels: { 'tenantops.io/tenant-uid': UID } },
    spec: { tenant: 'shop1', trigger: 'Schedule' },
    status: { ...made.status, tenantUid: UID, repository: address, ...status },
  }
}
const labels = { 'tenantops.io/tenant-uid': UID }
const aShredJob = (condition?: string, ended = NOW) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: shredJobName(leaving().metadata), namespace: 'ops', labels },
  status: condition
    ? { conditions: [{ type: condition, status: 'True', lastTransitionTime: new Date(ended).toISOString() }] }
    : {},
})
const aPod = (result: object) => ({
  metadata: { name: 'p', labels: { 'batch.kubernetes.io/job-name': shredJobName(leaving().metadata) } },
  status: {
    phase: 'Succeeded',
    containerStatuses: [
      { name: 'agent', state: { terminated: { exitCode: 0, message: JSON.stringify(result) } } },
    ],
  },
})

interface There {
  readonly tenant?: ReturnType<typeof aTenant>
  readonly policies?: readonly object[]
  readonly home?: readonly string[]
  readonly backups?: readonly TenantBackup[]
  readonly restores?: readonly object[]
  readonly jobs?: readonly object[]
  readonly backupJobs?: readonly object[]
  readonly pods?: readonly object[]
}
const facts = ({
  tenant = leaving(),
  policies = [policy],
  home = ['backup-store', 'backup-escrow'],
  backups = [point('one')],
  restores = [],
  jobs = [],
  backupJobs = [],
  pods = [],
}: There = {}) => {
  const caches = {
    backupPolicies: { get: () => policies[0] },
    tenantBackups: { by: () => backups },
    tenantRestores: { list: () => restores },
    jobs: { by: (index: string) => (index === 'backup' ? backupJobs : jobs) },
    pods: { by: () => pods },
    home: { get: (key: string) => (home.includes(key.slice('ops/'.length)) ? {} : undefined) },
  } as unknown as ShredWorld['caches']
  return shredFacts({ caches, operatorNamespace: 'ops', now: () => NOW }, tenant)
}
const restore = (spec: object) => ({
  metadata: { name: 'r1', namespace: 'acme' },
  spec,
  status: {},
})

describe('the recovery points of a tenant that goes', () => {
  it.each<[string, Partial<OdooTenantSpec>]>([
    ['its data stays', { deletionPolicy: 'Retain' }],
    ['they stay', { pointsOnDelete: 'Keep' }],
    ['nothing is said of them', { pointsOnDelete: undefined }],
    ['nobody knows where they are', { backupPolicy: undefined }],
  ])('are none of its business when %s', (_why, spec) => {
    expect(facts({ tenant: leaving(spec) })).toEqual({ kind: 'unwanted' })
  })
  it('end all the same when the wish is taken back too late, but not when nothing could be done', () => {
    const tenant = leaving({ pointsOnDelete: 'Keep' })
    expect(facts({ tenant, jobs: [aShredJob()] })).toMatchObject({ kind: 'wanted', job: { kind: 'running' } })
    expect(facts({ tenant, jobs: [aShredJob('Failed')] })).toEqual({ kind: 'unwanted' })
  })
  it('are left alone while it stays', () => {
    const { metadata, ...tenant } = leaving()
    const { deletionTimestamp: _, ...stays } = metadata
    expect(facts({ tenant: { ...tenant, metadata: stays } })).toEqual({ kind: 'unwanted' })
  })
  it('are named, with their repository', () => {
    const backups = [
      point('two'),
      point('one'),
      point('of-a-former', { tenantUid: 'other', phase: 'Failed', conditions: [] }),
    ]
    expect(facts({ backups })).toEqual({
      kind: 'wanted',
      job: { kind: 'absent' },
      repository: address,
      obstacle: undefined,
      points: ['one', 'two'],
    })
  })
  it.each<[string, There, object]>([
    [
      'PolicyNotFound',
      { policies: [] },
      { message: expect.stringContaining('spec.backupPolicy names nightly') },
    ],
    [
      'SecretNotFound',
      { home: [] },
      { message: expect.stringContaining('Secret backup-store, which namespace ops') },
    ],
    [
      'PointsOfFormerTenant',
      { backups: [point('old', { tenantUid: 'other' })] },
      { message: expect.stringContaining('delete that TenantBackup when it may go, too') },
    ],
    [
      'PointsElsewhere',
      { backups: [point('moved', { repository: 's3:https://old.example.com/b/acme/shop1' })] },
      { message: expect.stringContaining('remove that repository by hand') },
    ],
    [
      'PointInUse',
      {
        restores: [restore({ tenant: 'copy', purpose: 'Clone', source: { tenant: 'shop1', newest: 'Any' } })],
      },
      { passing: true },
    ],
    [
      'RepositoryBusy',
      { backupJobs: [{ metadata: { name: 'backup-one', labels }, spec: {}, status: {} }] },
      { passing: true },
    ],
  ])('meet %s', (reason, there, more) => {
    expect(facts(there)).toMatchObject({ job: { kind: 'absent' }, obstacle: { reason, ...more } })
  })
  it('do not wait for a restore of another tenant', () => {
    const other = restore({ tenant: 'copy', purpose: 'Recover', source: { newest: 'Any' } })
    expect(facts({ restores: [other] })).toMatchObject({ obstacle: undefined })
  })
  it.each<[string, There, object]>([
    ['works', { jobs: [aShredJob()] }, { kind: 'running' }],
    [
      'is done',
      { jobs: [aShredJob('Complete')], pods: [aPod({ ok: true, removed: 3, left: 0, versions: 'removed' })] },
      { kind: 'done', result: { ok: true, removed: 3, left: 0, versions: 'removed' } },
    ],
    [
      'was refused',
      {
        jobs: [aShredJob('Complete')],
        pods: [aPod({ ok: false, reason: 'KeysNotRemoved', problem: 'no right' })],
      },
      { kind: 'failed', problem: 'no right', againMs: 600_000 },
    ],
    ['gave up long ago', { jobs: [aShredJob('Failed', NOW - 700_000)] }, { kind: 'failed', againMs: 0 }],
  ])('have a Job that %s, and no obstacle any more', (_how, there, job) => {
    expect(facts({ ...there, policies: [] })).toMatchObject({ kind: 'wanted', job, obstacle: undefined })
  })
})

describe('the Job', () => {
  const job = shredJob({ tenant: leaving(), policy, operatorNamespace: 'ops', agentImage: 'operator:1' })
  const whole = JSON.stringify(job)
  it("is in the operator's namespace, where the store's Secret is, and mounts no key", () => {
    expect((job as KubeObject).metadata).toMatchObject({
      namespace: 'ops',
      name: 'shred-acme-shop1-0f8fad5b',
    })
    expect(whole).toContain('"secret":{"name":"backup-store"')
    expect(whole).not.toContain('escrow')
    expect(whole).not.toContain('odoo-backup-key')
  })
  it('has a name of at most 63 characters', () => {
    const name = shredJobName({ namespace: 'n'.repeat(63), name: 't'.repeat(63), uid: UID })
    expect(name).toHaveLength(63)
  })
})
