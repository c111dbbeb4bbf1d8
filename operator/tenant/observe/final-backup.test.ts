/** Which TenantBackup counts as the final point of a tenant, and when one is wanted at all. */
import { describe, expect, it } from 'vitest'
import { aBackup } from '../../../test/fixtures/backup-objects.ts'
import { aTenant, UID } from '../../../test/fixtures/tenant-objects.ts'
import type { Condition } from '../../api/condition.ts'
import type { OdooTenantSpec } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { finalBackupFacts } from './final-backup.ts'

const deletionTimestamp = '2026-11-22T05:00:00Z'
const name = 'shop1-final-0f8fad5b'

const facts = (
  backup?: TenantBackup,
  spec: Partial<OdooTenantSpec> = {},
  metadata: object = { deletionTimestamp },
  ending = false,
) => {
  const asked: string[] = []
  const tenant = aTenant({ deletionPolicy: 'Delete', backupPolicy: 'nightly', ...spec }, metadata)
  const place = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...aTenant().metadata, ...(ending ? { deletionTimestamp } : {}) },
  }
  const tenantBackups = {
    get: (key: string) => {
      asked.push(key)
      return backup
    },
  }
  return { asked, found: finalBackupFacts({ tenantBackups, namespaces: { get: () => place } }, tenant) }
}

const made = (status?: Condition['status'], change: Partial<TenantBackup> = {}): TenantBackup => {
  const backup = aBackup()
  return {
    ...backup,
    metadata: {
      ...backup.metadata,
      name,
      creationTimestamp: deletionTimestamp,
      labels: { 'tenantops.io/tenant-uid': UID },
    },
    spec: { tenant: 'shop1', trigger: 'Final', pinned: true },
    status:
      status === undefined
        ? {}
        : {
            conditions: [
              {
                type: 'Succeeded',
                status,
                reason: 'Said',
                message: 'so it is',
                lastTransitionTime: deletionTimestamp,
              },
            ],
          },
    ...change,
  }
}

describe('the final point of a tenant', () => {
  it.each<[string, Parameters<typeof facts>]>([
    ['stays', [undefined, {}, {}]],
    ['keeps its data', [undefined, { deletionPolicy: 'Retain' }]],
    ['names no policy', [undefined, { backupPolicy: undefined }]],
    [
      'is to go without one',
      [undefined, {}, { deletionTimestamp, annotations: { 'tenantops.io/skip-final-backup': 'true' } }],
    ],
  ])('is not looked for when the tenant %s', (_what, given) => {
    expect(facts(...given)).toEqual({ asked: [], found: { kind: 'unwanted' } })
  })
  it('is looked up by a name that another tenant of this name has not', () => {
    expect(facts()).toEqual({ asked: [`acme/${name}`], found: { kind: 'absent', name } })
  })
  it.each<[TenantBackup, object]>([
    [made(), { kind: 'open', name, message: 'it is being begun' }],
    [made('Unknown'), { kind: 'open', name, message: 'so it is' }],
    [made('False'), { kind: 'failed', name, message: 'so it is' }],
    [made('True'), { kind: 'complete', name }],
  ])('is what its condition Succeeded says (%#)', (backup, expected) => {
    expect(facts(backup).found).toEqual(expected)
  })
  it.each<[string, TenantBackup]>([
    ['of another tenant', made('True', { spec: { tenant: 'shop2', trigger: 'Final' } })],
    ['made for another reason', made('True', { spec: { tenant: 'shop1', trigger: 'Manual' } })],
    ['of a former tenant', made('True', { metadata: { ...made().metadata, labels: {} } })],
    [
      'older than the end',
      made('True', { metadata: { ...made().metadata, creationTimestamp: '2026-11-22T04:59:59Z' } }),
    ],
  ])('is none that is %s', (_what, backup) => {
    expect(facts(backup).found).toEqual({ kind: 'foreign', name })
  })
  it('cannot be made in a namespace that ends, but counts there once it is complete', () => {
    expect(facts(undefined, {}, { deletionTimestamp }, true).found).toEqual({ kind: 'impossible' })
    expect(facts(made('Unknown'), {}, { deletionTimestamp }, true).found).toEqual({ kind: 'impossible' })
    expect(facts(made('True'), {}, { deletionTimestamp }, true).found).toEqual({ kind: 'complete', name })
  })
})
