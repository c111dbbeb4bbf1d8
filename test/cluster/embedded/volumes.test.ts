import { describe, expect, it } from 'vitest'
import {
  type Claim,
  claimsToGrow,
  claimsToServe,
  provisionerName,
  type Volume,
  volumeFor,
  volumesToDelete,
} from './volumes.ts'

const claim = (change: { metadata?: object; spec?: object } = {}): Claim => ({
  metadata: {
    name: 'data',
    namespace: 'shop',
    uid: 'u1',
    annotations: { 'volume.kubernetes.io/storage-provisioner': provisionerName },
    ...change.metadata,
  },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'standard',
    ...change.spec,
  },
})

const volume = (name: string, policy: string, phase: string, by = provisionerName): Volume => ({
  metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': by } },
  spec: { persistentVolumeReclaimPolicy: policy },
  status: { phase },
})

describe('claims that get a volume', () => {
  it('are those the controller manager asks this provisioner for', () => {
    expect(claimsToServe([claim()], [])).toHaveLength(1)
    expect(claimsToServe([claim({ metadata: { annotations: {} } })], [])).toEqual([])
  })
  it('are not those that are bound, deleted, of raw blocks, or served already', () => {
    const others = [
      claim({ spec: { volumeName: 'pvc-u1' } }),
      claim({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      claim({ spec: { volumeMode: 'Block' } }),
    ]
    expect(claimsToServe(others, [])).toEqual([])
    expect(claimsToServe([claim()], [volume('pvc-u1', 'Delete', 'Available')])).toEqual([])
  })
})

it('a volume keeps the policy of its class and is tied to its claim and node', () => {
  const made = volumeFor(claim(), { metadata: { name: 'kept' }, reclaimPolicy: 'Retain' }, '/volumes/a', 'n1')
  expect(made.spec).toMatchObject({
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'kept',
    capacity: { storage: '1Gi' },
    local: { path: '/volumes/a' },
    claimRef: { namespace: 'shop', name: 'data', uid: 'u1' },
  })
  expect(JSON.stringify(made.spec.nodeAffinity)).toContain('"n1"')
})

it('grows volumes of its own whose claim asks for more than it has', () => {
  const bound = (asked: string, has: string | undefined, volumeName = 'pvc-u1'): Claim => ({
    ...claim({ spec: { volumeName, resources: { requests: { storage: asked } } } }),
    status: has === undefined ? {} : { capacity: { storage: has } },
  })
  const volumes = [volume('pvc-u1', 'Delete', 'Bound'), volume('other', 'Delete', 'Bound', 'someone.else')]
  expect(claimsToGrow([bound('2Gi', '1Gi')], volumes)).toHaveLength(1)
  const others = [bound('1Gi', '1Gi'), bound('2Gi', undefined), bound('2Gi', '1Gi', 'other')]
  expect(claimsToGrow(others, volumes)).toEqual([])
})

it('deletes only released volumes of its own whose policy is Delete', () => {
  const volumes = [
    volume('gone', 'Delete', 'Released'),
    volume('kept', 'Retain', 'Released'),
    volume('used', 'Delete', 'Bound'),
    volume('foreign', 'Delete', 'Released', 'someone.else'),
  ]
  expect(volumesToDelete(volumes).map(({ metadata }) => metadata.name)).toEqual(['gone'])
})
