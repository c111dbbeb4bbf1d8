/** What follows from the kind of a store: Secrets, addresses, what pods mount, and that no kind is forgotten. */
import { describe, expect, it } from 'vitest'
import { aBackup, aBackupPolicy, aJob, anObservation, aResult } from '../../test/fixtures/backup-objects.ts'
import { aTenant } from '../../test/fixtures/tenant-objects.ts'
import type { BackupPolicySpec } from '../api/v1alpha1/backup-policy.ts'
import type { KubeClient } from '../kube/client.ts'
import type { ObjectRef } from '../kube/object.ts'
import { repositoryAddress } from '../restic/repository.ts'
import { readAccess } from './act/read-secrets.ts'
import { storeRules } from './manifests/network-policy.ts'
import { pointJob } from './manifests/point-job.ts'
import { pointSecret } from './manifests/point-secret.ts'
import type { Work } from './plan.ts'
import { repositoryOf } from './repository.ts'
import { secretsOfStore, storeOf } from './store.ts'

const stores: Readonly<Record<'s3' | 'rest' | 'volume', BackupPolicySpec['store']>> = {
  s3: {
    s3: {
      endpoint: 'https://s3.example.com',
      bucket: 'points',
      credentialsSecret: 'writer',
      pruneCredentialsSecret: 'pruner',
      caSecret: 'ca',
    },
  },
  rest: {
    rest: {
      url: 'https://rest.example.com:8000',
      pruneUrl: 'https://rest.example.com:8001',
      prefix: 'odoo',
      credentialsSecret: 'writer',
      pruneCredentialsSecret: 'pruner',
      caSecret: 'ca',
    },
  },
  volume: {
    volume: { driver: 'nfs.csi.k8s.io', attributes: { server: 'nas', share: '/points' }, prefix: 'eu' },
  },
}
type Kind = keyof typeof stores
const policyOf = (kind: Kind) => aBackupPolicy({ store: stores[kind] })
const tenant = aTenant({ backupPolicy: 'nightly' })
const backup = aBackup('shop1-now', {}, { snapshots: aResult.snapshots })

const access = (kind: Kind, work: Work) => {
  const get = (_kind: unknown, { name }: ObjectRef) => {
    const keys = ['accessKeyId', 'secretAccessKey', 'username', 'password', 'ca.crt']
    const value = (key: string) => Buffer.from(`${name}:${key}`).toString('base64')
    return Promise.resolve({ data: Object.fromEntries(keys.map((key) => [key, value(key)])) })
  }
  const client = { get: get as unknown as KubeClient['get'] }
  return readAccess({ client, operatorNamespace: 'tenantops-system' }, policyOf(kind), work)
}

function podOf(kind: Kind, work: Work) {
  const { place } = anObservation()
  if (place.kind !== 'ready') throw new Error('the place is ready')
  const policy = policyOf(kind)
  const more = { agentImage: 'agent:1', readers: false, reread: false, prune: true }
  const { spec } = pointJob({ work, backup, tenant, policy, place, ...more })
  const pod = (spec as { template: { spec: Pod } }).template.spec
  return { pod, said: JSON.parse(pod.containers[0].command[3] ?? '') as { repository: object } }
}
interface Pod {
  readonly containers: readonly [
    { readonly command: readonly string[]; readonly volumeMounts: readonly { readonly name: string }[] },
  ]
  readonly volumes: readonly { readonly name: string }[]
}
const named = <T extends { readonly name: string }>(all: readonly T[], name: string) =>
  all.find((each) => each.name === name)

describe('the address of a repository', () => {
  it.each([
    ['s3', 'backup', 's3:https://s3.example.com/points/acme/shop1'],
    ['s3', 'forget', 's3:https://s3.example.com/points/acme/shop1'],
    ['rest', 'backup', 'rest:https://rest.example.com:8000/odoo/acme.shop1/'],
    ['rest', 'forget', 'rest:https://rest.example.com:8001/odoo/acme.shop1/'],
    ['volume', 'backup', 'volume:eu/acme/shop1'],
    ['volume', 'forget', 'volume:eu/acme/shop1'],
  ] as const)('%s, to %s', (kind, work, address) => {
    const repository = repositoryOf(policyOf(kind), tenant.metadata, work)
    expect(repositoryAddress(repository)).toBe(address)
    expect(podOf(kind, work).said.repository).toMatchObject(repository)
  })
})

describe('the Secrets of a store', () => {
  it('are named with their fields, each once', () => {
    const fields = (kind: Kind) => secretsOfStore(storeOf(policyOf(kind))).map(({ field }) => field)
    expect(fields('rest')).toEqual([
      'spec.store.rest.credentialsSecret',
      'spec.store.rest.pruneCredentialsSecret',
      'spec.store.rest.caSecret',
    ])
    expect(fields('volume')).toEqual([])
    expect(secretsOfStore(storeOf(aBackupPolicy()))).toHaveLength(1)
  })
  it.each([
    ['s3', 'backup', { 'store.accessKeyId': 'writer:accessKeyId', 'store.ca.crt': 'ca:ca.crt' }],
    ['s3', 'forget', { 'store.secretAccessKey': 'pruner:secretAccessKey' }],
    ['rest', 'backup', { 'store.username': 'writer:username', 'store.ca.crt': 'ca:ca.crt' }],
    ['rest', 'forget', { 'store.password': 'pruner:password' }],
    ['volume', 'forget', { escrow: 'backup-escrow:password' }],
  ] as const)('%s, to %s: of the identity for it', async (kind, work, content) => {
    expect(await access(kind, work)).toMatchObject(content)
  })
})

describe.each(['s3', 'rest', 'volume'] as const)('a pod of a store %s', (kind) => {
  it.each(['backup', 'forget'] as const)(
    'finds in its Secret every file that it mounts, to %s',
    async (work) => {
      const job = aJob(`${work}-shop1-now`)
      const { stringData } = pointSecret(backup, tenant, job, await access(kind, work)) as unknown as {
        stringData: Readonly<Record<string, string>>
      }
      const mounted = JSON.stringify(named(podOf(kind, work).pod.volumes, 'store'))
      const keys = [...mounted.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key ?? '')
      expect(keys).toHaveLength(kind === 'volume' ? 0 : 3)
      for (const key of keys) expect(Object.keys(stringData)).toContain(key)
    },
  )
})

it('a volume is mounted by its driver, to be written to; files of credentials are not', () => {
  const { pod } = podOf('volume', 'backup')
  expect(named(pod.volumes, 'store')).toEqual({
    name: 'store',
    csi: { driver: 'nfs.csi.k8s.io', volumeAttributes: { server: 'nas', share: '/points' } },
  })
  const mount = (kind: Kind) => named(podOf(kind, 'backup').pod.containers[0].volumeMounts, 'store')
  expect(mount('volume')).toEqual({ name: 'store', mountPath: '/var/lib/tenantops/store' })
  expect(mount('rest')).toMatchObject({ mountPath: '/etc/tenantops/store', readOnly: true })
})

it('those who remove points are let to their own address; to a volume no pod goes', () => {
  const ports = (kind: Kind, work: Work) =>
    storeRules(policyOf(kind), work).flatMap((rule) => rule.ports?.map(({ port }) => port))
  expect([ports('rest', 'backup'), ports('rest', 'forget')]).toEqual([[8000], [8001]])
  expect(ports('s3', 'forget')).toEqual([443])
  expect(storeRules(policyOf('volume'))).toEqual([])
})
