/** The Job of a point and what comes with it: restricted, without a secret in its arguments, with one way out. */
import { describe, expect, it } from 'vitest'
import {
  aBackup,
  aBackupPolicy,
  aJob,
  anObservation,
  aResult,
} from '../../../test/fixtures/backup-objects.ts'
import { aClass, aPlan, aTenant } from '../../../test/fixtures/tenant-objects.ts'
import type { BackupPolicySpec } from '../../api/v1alpha1/backup-policy.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { runtimeQuota } from '../../tenant/manifests/quota.ts'
import type { DataPlace } from '../observation.ts'
import type { Work } from '../plan.ts'
import { pointNetworkPolicy, storeRules } from './network-policy.ts'
import { pointJob } from './point-job.ts'
import { pointSecret } from './point-secret.ts'

type Ready = Extract<DataPlace, { kind: 'ready' }>
const place = anObservation().place as Ready
const tenant = aTenant({ backupPolicy: 'nightly' })
const backup = aBackup('shop1-now', {}, { snapshots: aResult.snapshots })

interface Mount {
  readonly name: string
  readonly mountPath: string
  readonly readOnly?: boolean
}
interface PodSpec {
  readonly affinity?: object
  readonly automountServiceAccountToken: boolean
  readonly securityContext: object
  readonly containers: readonly [
    {
      readonly command: readonly string[]
      readonly securityContext: object
      readonly resources: { readonly requests: Record<string, string>; readonly limits: { memory: string } }
      readonly volumeMounts: readonly Mount[]
    },
  ]
  readonly volumes: readonly { readonly name: string }[]
}

function build(work: Work, change: { class?: TenantClass; plan?: Ready['plan']; readers?: boolean } = {}) {
  const { readers = false, ...there } = change
  const manifest = pointJob({
    work,
    backup,
    tenant,
    policy: aBackupPolicy(),
    place: { ...place, ...there },
    agentImage: 'agent:1',
    readers,
    reread: false,
    prune: true,
  })
  const spec = manifest.spec as { suspend: boolean; template: { metadata: object; spec: PodSpec } }
  const [agent] = spec.template.spec.containers
  return { manifest, spec, pod: spec.template.spec, agent, said: JSON.parse(agent.command[3] ?? '') }
}

describe.each(['backup', 'forget'] as const)('the Job of a %s', (work) => {
  const { manifest, spec, pod, agent } = build(work)

  it('is held back, and says whose it is', () => {
    expect(spec.suspend).toBe(true)
    expect(manifest.metadata).toMatchObject({
      name: `${work}-shop1-now`,
      namespace: 'acme-shop1',
      labels: { 'tenantops.io/backup': 'shop1-now', 'tenantops.io/tenant-uid': tenant.metadata.uid },
      annotations: { 'tenantops.io/backup-uid': 'uid-shop1-now' },
    })
  })

  it('runs restricted, without a token', () => {
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(agent.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('writes to nothing but its scratch', () => {
    const writable = agent.volumeMounts.filter((mount) => !mount.readOnly).map((mount) => mount.name)
    expect(writable).toEqual(['scratch', 'tmp'])
  })

  it('fits into the room that the quota has beside web and cron pods, however small the plan', () => {
    const plan = aPlan({ web: { resources: { requests: { cpu: '10m', memory: '64Mi' } } } })
    const small = build(work, { plan }).agent.resources
    expect(small).toEqual({ requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } })
    expect(build(work).agent.resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '1Gi' },
    })
    expect(runtimeQuota(plan.spec).pods).toBe('5')
  })
})

describe('what the agent is told', () => {
  it('to back up: which point, from where, to where', () => {
    expect(build('backup').agent.command.slice(0, 3)).toEqual(['node', '/app/agent.mjs', 'back-up'])
    expect(build('backup').said).toEqual({
      point: 'shop1-now',
      askedAt: '2026-11-22T04:30:00Z',
      tenant: { namespace: 'acme', name: 'shop1', uid: tenant.metadata.uid },
      repository: {
        kind: 's3',
        endpoint: 'http://s3.store.svc:7070',
        bucket: 'points',
        path: 'eu/acme/shop1',
        formerHolderGone: true,
      },
      database: { ...place.names, host: 'postgres.databases.svc', port: 5432, sslMode: 'require' },
      odoo: { series: '17.0', version: '17.0-1', image: 'odoo:17.0-1' },
      missingFiles: 'Fail',
      reread: false,
    })
    expect(build('backup', { readers: true }).said.repository.formerHolderGone).toBe(false)
  })

  it('to forget: which snapshots of whose', () => {
    expect(build('forget').said).toMatchObject({
      tenant: { uid: tenant.metadata.uid },
      snapshots: [aResult.snapshots.database, aResult.snapshots.files],
      prune: true,
    })
  })
})

it('is where the volume is, unless that can be anywhere', () => {
  expect(JSON.stringify(build('backup').pod.affinity)).toContain(
    `{"matchLabels":{"tenantops.io/tenant-uid":"${tenant.metadata.uid}"}}`,
  )
  expect(
    build('backup', { class: aClass({ storage: { accessMode: 'ReadWriteMany' } }) }).pod.affinity,
  ).toBeUndefined()
  expect(build('forget').pod.affinity).toBeUndefined()
  expect(build('forget').pod.volumes.map(({ name }) => name)).not.toContain('filestore')
})

it('brings a Secret and a way out that go with it', () => {
  const job = aJob('backup-shop1-now')
  const owner = [{ apiVersion: 'batch/v1', kind: 'Job', name: job.name, uid: job.uid }]
  const secret = pointSecret(backup, tenant, job, { escrow: 'e' })
  const policy = pointNetworkPolicy('backup', { backup, tenant }, job, {
    policy: aBackupPolicy(),
    class: aClass({ postgres: { ...aClass().spec.postgres, namespace: 'databases' } }),
  })
  expect([secret.metadata.ownerReferences, policy.metadata.ownerReferences]).toEqual([owner, owner])
  expect(policy.spec).toEqual({
    podSelector: {
      matchLabels: { 'tenantops.io/backup': 'shop1-now', 'app.kubernetes.io/component': 'backup' },
    },
    policyTypes: ['Ingress', 'Egress'],
    egress: [
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      {
        ports: [{ port: 5432, protocol: 'TCP' }],
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'databases' } } }],
      },
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'store' } } }] },
    ],
  })
})

it.each<[string, Partial<NonNullable<BackupPolicySpec['store']['s3']>>, object]>([
  ['a Service', { endpoint: 'https://s3.store.svc.cluster.local' }, { to: [named('store')] }],
  ['a namespace', { endpoint: 'https://s3.example.com', namespace: 'minio' }, { to: [named('minio')] }],
  [
    'an address',
    { endpoint: 'http://10.1.2.3:9000' },
    { ports: tcp(9000), to: [{ ipBlock: { cidr: '10.1.2.3/32' } }] },
  ],
  [
    'a network',
    { endpoint: 'https://s3.lan.example', cidr: '10.1.0.0/16' },
    { ports: tcp(443), to: [{ ipBlock: { cidr: '10.1.0.0/16' } }] },
  ],
  ['a host anywhere', { endpoint: 'http://s3.example.com' }, { ports: tcp(80) }],
])('the way to a store at %s', (_where, s3, rule) => {
  const plain = { endpoint: 'http://s3.store.svc:7070', bucket: 'points', credentialsSecret: 'store' }
  expect(storeRules(aBackupPolicy({ store: { s3: { ...plain, ...s3 } } }))).toEqual([rule])
})

function tcp(port: number) {
  return [{ port, protocol: 'TCP' }]
}

function named(namespace: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }
}
