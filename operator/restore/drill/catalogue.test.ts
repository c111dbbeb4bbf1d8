import { describe, expect, it } from 'vitest'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { catalogueOf, partToRead } from './catalogue.ts'

const repository = 's3:https://s3.example.com/points/acme/shop1'
const backup = (
  name: string,
  status: object,
  conditions: Readonly<Record<string, 'True' | 'False'>>,
): TenantBackup => ({
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'TenantBackup',
  metadata: {
    name,
    namespace: 'acme',
    uid: name,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-11-22T04:00:00Z',
  },
  spec: { tenant: 'shop1', trigger: 'Schedule' },
  status: {
    repository,
    snapshots: { database: `d-${name}`, files: `f-${name}` },
    conditions: Object.entries(conditions).map(([type, is]) => ({
      type,
      status: is,
      reason: 'Test',
      message: '',
      lastTransitionTime: '2026-11-22T04:00:00Z',
      observedGeneration: 1,
    })),
    ...status,
  },
})

describe('what a check of a repository is told', () => {
  it('names the points that are to be in it, and no other', () => {
    const all = [
      backup('noon', {}, { Succeeded: 'True' }),
      backup('failed', { snapshots: undefined }, { Succeeded: 'False' }),
      backup('going', {}, { Succeeded: 'True', Expired: 'True' }),
      backup('moved', { repository: 's3:https://elsewhere/acme/shop1' }, { Succeeded: 'True' }),
      backup('open', {}, {}),
    ]
    expect(catalogueOf(all, repository)).toEqual([{ backup: 'noon', database: 'd-noon', files: 'f-noon' }])
  })

  it('reads one part after the other, and the same again until it is good', () => {
    const following = (part: string | undefined) =>
      partToRead({
        status:
          part === undefined
            ? {}
            : {
                backup: {
                  repository: { checkedAt: '2026-11-22T04:00:00Z', result: 'Failed', restore: 'x', part },
                },
              },
      })
    expect(following(undefined)).toEqual({ number: 1, of: 10 })
    expect(following('1/10')).toEqual({ number: 2, of: 10 })
    expect(following('10/10')).toEqual({ number: 1, of: 10 })
  })
})
