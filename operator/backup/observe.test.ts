/** What the caches tell a TenantBackup: its Jobs, who else is at work, and what is missing. */
import { describe, expect, it } from 'vitest'
import { aBackup, aBackupPolicy } from '../../test/fixtures/backup-objects.ts'
import { aChannel, aClass, aPlan, aTenant, NOW, UID } from '../../test/fixtures/tenant-objects.ts'
import type { KubeObject } from '../kube/object.ts'
import { Store } from '../runtime/store.ts'
import { type Caches, restoreCache } from '../tenant/caches.ts'
import { jobsAtWork, podsAtWork } from './at-work.ts'
import { observeBackup } from './observe.ts'

const labels = {
  'tenantops.io/tenant': 'shop1',
  'tenantops.io/tenant-namespace': 'acme',
  'tenantops.io/tenant-uid': UID,
}
const object = (kind: string, namespace: string, name: string, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace, uid: name, resourceVersion: '1', labels, ...more },
  }) as KubeObject
const secret = (namespace: string, name: string, more: object = {}) => object('Secret', namespace, name, more)

interface JobOptions {
  readonly uid?: string
  readonly suspend?: boolean
  readonly ended?: boolean
  readonly startTime?: string
}
const job = (
  backup: string,
  { uid = `uid-${backup}`, suspend = false, ended = false, startTime }: JobOptions = {},
) => ({
  ...object('Job', 'acme-shop1', `backup-${backup}`, {
    labels: { ...labels, 'tenantops.io/backup': backup },
    annotations: { 'tenantops.io/backup-uid': uid },
  }),
  spec: { suspend },
  status: { startTime, conditions: ended ? [{ type: 'Complete', status: 'True' }] : [] },
})
const restore = (name: string, spec: object, succeeded?: string, stalled = false) => ({
  ...object('TenantRestore', 'acme', name),
  spec,
  status: {
    conditions: [
      ...(succeeded ? [{ type: 'Succeeded', status: succeeded }] : []),
      ...(stalled ? [{ type: 'Stalled', status: 'True' }] : []),
    ],
  },
})

interface There {
  readonly jobs?: readonly KubeObject[]
  readonly pods?: readonly KubeObject[]
  readonly restores?: readonly object[]
  readonly writer?: string
  readonly tenant?: object
  readonly home?: readonly string[]
  readonly backups?: readonly KubeObject[]
}

function observe({
  jobs = [],
  pods = [],
  restores = [],
  writer,
  tenant = {},
  home,
  backups = [],
}: There = {}) {
  const uidOf = ({ metadata }: KubeObject) => [metadata.labels?.['tenantops.io/tenant-uid'] ?? '']
  const store = (objects: readonly KubeObject[], indexes = {}) => {
    const filled = new Store<KubeObject, string>({ indexes: { tenant: uidOf, ...indexes } })
    filled.replace([...objects], '1')
    return filled
  }
  const backupOf = ({ metadata }: KubeObject) => [`acme/${metadata.labels?.['tenantops.io/backup'] ?? ''}`]
  const backup = aBackup('now')
  const status = { namespace: 'acme-shop1', database: { name: 't_0f8fad5bd9cb' }, ...tenant }
  const annotations = writer === undefined ? {} : { 'tenantops.io/writer': writer }
  const caches = {
    tenants: store([{ ...aTenant({ backupPolicy: 'nightly' }), status } as KubeObject]),
    classes: store([aClass()]),
    plans: store([aPlan()]),
    channels: store([aChannel()]),
    backupPolicies: store([aBackupPolicy()]),
    tenantBackups: store([backup, ...backups], { tenant: () => ['acme/shop1'], state: () => ['open'] }),
    tenantRestores: store(restores as readonly KubeObject[], restoreCache.indexes),
    namespaces: store(
      [object('Namespace', '', 'acme-shop1')].map((n) => ({
        ...n,
        metadata: { ...n.metadata, namespace: undefined },
      })),
    ),
    fences: {},
    filestores: store([object('PersistentVolumeClaim', 'acme-shop1', 'filestore')]),
    secrets: store([
      secret('acme-shop1', 'odoo-database'),
      secret('acme-shop1', 'odoo-backup-key', { resourceVersion: '9', annotations }),
    ]),
    home: store((home ?? ['backup-store', 'backup-escrow']).map((name) => secret('ops', name))),
    jobs: store(jobs, { backup: backupOf, 'at-work': jobsAtWork }),
    pods: store(pods, { 'at-work': podsAtWork }),
  } as unknown as Caches
  const limits = { fleet: 20, node: 4 }
  return observeBackup({ caches, operatorNamespace: 'ops', now: () => NOW, limits }, backup)
}

describe('a TenantBackup', () => {
  it('finds its place, its key and nobody else', () => {
    expect(observe()).toMatchObject({
      missingSecrets: [],
      place: { kind: 'ready', namespace: 'acme-shop1', names: { database: 't_0f8fad5bd9cb' } },
      key: { resourceVersion: '9', writer: undefined },
      job: { kind: 'absent' },
      others: { writer: undefined, restore: undefined, readers: [], change: false, running: 0, onServer: 0 },
    })
    expect(observe({ home: ['backup-store'] }).missingSecrets).toEqual(['backup-escrow'])
  })

  it('knows its Job by its uid, and whether that is held back', () => {
    expect(observe({ jobs: [job('now', { suspend: true })] }).job.kind).toBe('held')
    expect(observe({ jobs: [job('now', { uid: 'another' })] }).job.kind).toBe('foreign')
    const young = job('now', { startTime: new Date(NOW - 5_000).toISOString() })
    expect(observe({ jobs: [young] }).job).toMatchObject({ kind: 'running', problem: undefined })
    const podless = job('now', { startTime: new Date(NOW - 60_000).toISOString() })
    expect(observe({ jobs: [podless] }).job).toMatchObject({
      kind: 'running',
      problem:
        'Job backup-now has no pod yet, most often for want of room in the quota; `kubectl describe job -n acme-shop1 backup-now` says why',
    })
  })

  it('hands on what a pod of it said, while another tries', () => {
    const pod = (name: string, phase: string, message?: string) => ({
      ...object('Pod', 'acme-shop1', name, {
        labels: { ...labels, 'batch.kubernetes.io/job-name': 'backup-now' },
        creationTimestamp: `2026-11-22T05:00:0${name}Z`,
      }),
      status: {
        phase,
        containerStatuses: message
          ? [{ name: 'agent', state: { terminated: { exitCode: 1, message } } }]
          : [],
      },
    })
    const pods = [
      pod('2', 'Failed', 'log\nno answer from the store'),
      pod('1', 'Failed', 'first'),
      pod('3', 'Running'),
    ]
    expect(observe({ jobs: [job('now')], pods }).job).toMatchObject({
      kind: 'running',
      problem: 'no answer from the store; it is tried again',
    })
  })

  it('meets another writer: one that works, or that is about to', () => {
    expect(observe({ jobs: [job('other')] }).others).toMatchObject({ writer: 'Job backup-other' })
    expect(observe({ jobs: [job('other', { ended: true })] }).others.writer).toBeUndefined()
    const held = job('other', { suspend: true })
    expect(observe({ jobs: [held] }).others.writer).toBeUndefined()
    expect(observe({ jobs: [held], writer: held.metadata.uid ?? '' }).others.writer).toBe('Job backup-other')
  })

  it('counts a restore that has begun where it takes a place, and no drill', () => {
    const begun = (purpose: string) => {
      const made = restore('r', { tenant: 'shop1', purpose, source: { newest: 'Any' } })
      return { ...made, metadata: { ...made.metadata, finalizers: ['tenantops.io/restore'] } }
    }
    const of = (each: object) => observe({ restores: [each] }).others
    expect(of(begun('Recover'))).toMatchObject({ running: 0, onServer: 1, inFleet: 1 })
    expect(of(begun('Drill'))).toMatchObject({ running: 0, onServer: 0, inFleet: 0 })
    expect(of(restore('r', begun('Recover').spec))).toMatchObject({ onServer: 0, inFleet: 0 })
  })

  it('counts what runs on the node where the tenant is, while a pod says which that is', () => {
    const backups = [aBackup('other')]
    const there = { backups, jobs: [job('other')] }
    expect(observe(there).others.onNode).toBeUndefined()
    const pod = {
      ...object('Pod', 'acme-shop1', 'web'),
      spec: { nodeName: 'n1' },
      status: { phase: 'Running' },
    }
    expect(observe({ ...there, pods: [pod] }).others.onNode).toEqual({ node: 'n1', running: 1 })
    const ended = { ...pod, status: { phase: 'Succeeded' } }
    expect(observe({ ...there, pods: [ended] }).others.onNode).toBeUndefined()
  })

  it('counts what runs under its policy, and on its server', () => {
    const backups = [aBackup('other')]
    expect(observe({ backups, jobs: [job('other')] }).others).toMatchObject({ running: 1, onServer: 1 })
    const held = [job('other', { suspend: true })]
    expect(observe({ backups, jobs: held }).others).toMatchObject({ running: 0, onServer: 0 })
  })

  it.each<[string, object, string | undefined, readonly string[]]>([
    [
      'fills it',
      { tenant: 'shop1', purpose: 'Recover', source: { newest: 'Any' } },
      'r',
      ['TenantRestore r'],
    ],
    ['fills it from another', { tenant: 'shop1', purpose: 'Clone', source: { tenant: 'shop2' } }, 'r', []],
    [
      'takes from it',
      { tenant: 'shop2', purpose: 'Clone', source: { tenant: 'shop1' } },
      undefined,
      ['TenantRestore r'],
    ],
    [
      'proves it',
      { tenant: 'shop1', purpose: 'Drill', source: { newest: 'Any' } },
      undefined,
      ['TenantRestore r'],
    ],
    ['is of others', { tenant: 'shop2', purpose: 'Recover', source: { newest: 'Any' } }, undefined, []],
  ])('meets a restore that %s', (_what, spec, filling, readers) => {
    const of = (each: object) => observe({ restores: [each] }).others
    expect(of(restore('r', spec))).toMatchObject({ restore: filling, readers })
    expect(of(restore('r', spec, 'True'))).toMatchObject({ restore: undefined, readers: [] })
    expect(of(restore('r', spec, undefined, true))).toMatchObject({ restore: undefined, readers: [] })
  })

  it('sees that the tenant is being changed, and that a drill has failed', () => {
    const conditions = (type: string, status: string, reason: string) => ({
      conditions: [{ type, status, reason }],
    })
    expect(observe({ tenant: conditions('Ready', 'False', 'InstallingModules') }).others.change).toBe(true)
    expect(observe({ tenant: conditions('RestoreVerified', 'False', 'x') }).others.drillFailed).toBe(true)
  })

  it('waits for a database and a volume', () => {
    expect(observe({ tenant: { database: {} } }).place).toEqual({
      kind: 'unready',
      sentence: 'OdooTenant shop1 has no database yet; the backup begins by itself once it has',
    })
  })
})
