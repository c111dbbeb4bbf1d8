/** What a drill's pod may and has: nothing of the tenant's, no key of the store for Odoo, and no way out but three. */
import { describe, expect, it } from 'vitest'
import { aDrill, aSubject } from '../../../../test/fixtures/drill-world.ts'
import { drillNames } from '../names.ts'
import { checkJob, checkSecret } from './check-job.ts'
import { drillJob } from './drill-job.ts'
import { drillSecrets } from './drill-secrets.ts'
import { scratchNamespace } from './scratch-namespace.ts'

interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args?: readonly string[]
  readonly restartPolicy?: string
  readonly volumeMounts: readonly { readonly name: string }[]
  readonly securityContext: object
}
interface PodSpec {
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly Readonly<Record<string, unknown>>[]
  readonly automountServiceAccountToken: boolean
}

const podOf = (level: 'Data' | 'Boot') => {
  const restore = aDrill({ level })
  const job = drillJob(restore, drillNames(restore), aSubject, 'operator:dev')
  return (job as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec
}
const mountsOf = ({ volumeMounts }: Container) => volumeMounts.map(({ name }) => name)

describe('the pod of a drill', () => {
  it('restores, and only then starts the Odoo of the point, without crons, and looks at it', () => {
    const { initContainers = [], containers } = podOf('Boot')
    const [restore, odoo] = initContainers
    expect([restore?.name, odoo?.name, containers[0]?.name]).toEqual(['restore', 'odoo', 'prove'])
    expect(odoo).toMatchObject({
      image: 'odoo:17.0-1',
      restartPolicy: 'Always',
      args: ['-c', '/etc/odoo/odoo.conf', '--max-cron-threads=0'],
    })
    const [shell, , script = '', spec = ''] = restore?.command ?? []
    expect(shell).toBe('sh')
    expect(script).toMatch(/^node \/app\/agent\.mjs restore-point "\$0" \|\| exit \$\?\n/)
    expect(JSON.parse(spec)).toMatchObject({
      restore: 'proof',
      neutralise: true,
      source: { kind: 'snapshots' },
      repository: { bucket: 'points', path: 'acme/shop1' },
      database: { database: 'd_ab12cd340000_restored_ab12cd34', login: 'd_ab12cd340000_d1' },
    })
  })

  it('is one container at level Data', () => {
    const { initContainers, containers } = podOf('Data')
    expect(initContainers).toBeUndefined()
    expect(containers.map(({ name }) => name)).toEqual(['restore'])
  })

  it('has no volume that could be a tenant’s, and Odoo no key', () => {
    const { volumes, initContainers = [], containers, automountServiceAccountToken } = podOf('Boot')
    expect(volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'))).toEqual([
      'secret',
      'projected',
      'secret',
      'secret',
      ...Array(4).fill('emptyDir'),
    ])
    const [restore, odoo] = initContainers
    expect(restore && mountsOf(restore)).toEqual(expect.arrayContaining(['keys', 'store', 'database']))
    expect(odoo && mountsOf(odoo)).toEqual(['odoo', 'files', 'tmp', 'home'])
    expect(containers[0] && mountsOf(containers[0])).toEqual(['database', 'tmp'])
    expect(automountServiceAccountToken).toBe(false)
    for (const each of [...initContainers, ...containers])
      expect(each.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  })

  it('says no secret in its command, and gives Odoo the password of the scratch database alone', () => {
    const restore = aDrill()
    const secrets = drillSecrets(restore, drillNames(restore), aSubject, {
      key: 'repository-key',
      access: {
        escrow: 'escrow-key',
        'store.accessKeyId': 'store-id',
        'store.secretAccessKey': 'store-key',
      },
      password: 'database-password',
      managerPassword: 'manager-password',
      ca: undefined,
    })
    const hidden = /repository-key|escrow-key|store-id|store-key|-password/
    expect(JSON.stringify(podOf('Boot'))).not.toMatch(hidden)
    const [keys, odoo] = secrets.map((secret) => JSON.stringify(secret))
    expect(keys).toMatch(/repository-key.*escrow-key.*store-id.*store-key.*database-password/)
    expect(odoo).toContain('db_password = database-password')
    expect(odoo).not.toMatch(/repository-key|escrow-key|store-id|store-key/)
  })
})

describe('the pod of a look at the repository', () => {
  const restore = aDrill({ level: 'Repository', source: { newest: 'InStore' } })
  const names = drillNames(restore)
  const part = { number: 3, of: 10 }
  const job = checkJob(restore, names, aSubject, part, 'operator:dev') as unknown as {
    metadata: object
    spec: { template: { spec: PodSpec } }
  }
  const { containers, initContainers, volumes } = job.spec.template.spec

  it('is one container with keys, store and catalogue, and no database', () => {
    expect(job.metadata).toMatchObject({ name: 'drill', annotations: { 'tenantops.io/level': 'Repository' } })
    expect(initContainers).toBeUndefined()
    expect(containers.map(({ name }) => name)).toEqual(['check'])
    expect(containers[0] && mountsOf(containers[0]).toSorted()).toEqual([
      'catalogue',
      'keys',
      'scratch',
      'store',
      'tmp',
    ])
    expect(volumes.map(({ name }) => name).toSorted()).toEqual([
      'catalogue',
      'keys',
      'scratch',
      'store',
      'tmp',
    ])
    const [, , command, spec = ''] = containers[0]?.command ?? []
    expect(command).toBe('check-repository')
    expect(JSON.parse(spec)).toMatchObject({ repository: { path: 'acme/shop1' }, part })
  })

  it('is told by its Secret what should be there, and reaches no PostgreSQL', () => {
    const catalogue = [{ backup: 'noon', database: 'd', files: 'f' }]
    const content = { key: 'repository-key', access: { escrow: 'escrow-key' } }
    const secret = checkSecret(restore, names, content, catalogue)
    expect(secret).toMatchObject({
      stringData: {
        'keys.key': 'repository-key',
        'keys.escrow': 'escrow-key',
        'catalogue.points.json': JSON.stringify(catalogue),
      },
    })
    const [closed] = scratchNamespace(restore, names, aSubject).fences
    expect(JSON.stringify(closed)).not.toContain('5432')
  })
})

describe('the scratch namespace', () => {
  const restore = aDrill()
  const { namespace, fences } = scratchNamespace(restore, drillNames(restore), aSubject)

  it('is restricted, knows the class and the drill, and is none of the tenant’s', () => {
    expect(namespace.metadata.name).toBe('acme-shop1-drill-ab12cd34')
    expect(namespace.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'tenantops.io/restore': 'proof',
    })
    expect(namespace.metadata.labels).not.toHaveProperty('tenantops.io/tenant-uid')
    expect(namespace.metadata.annotations).toEqual({
      'tenantops.io/class': 'standard',
      'tenantops.io/restore-uid': restore.metadata.uid,
    })
  })

  it('lets nothing in, and out only names, PostgreSQL and the store', () => {
    const [closed, quota] = fences as unknown as readonly { spec: Record<string, unknown> }[]
    expect(closed?.spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    expect(closed?.spec.ingress).toBeUndefined()
    const egress = (closed?.spec.egress ?? []) as readonly { ports?: { port: number }[]; to?: unknown }[]
    const ways = egress.map(({ ports, to }) => [
      ports?.map(({ port }) => port) ?? 'any',
      JSON.stringify(to ?? 'anywhere'),
    ])
    expect(ways).toEqual([
      [[53, 53], '"anywhere"'],
      [[5432], '"anywhere"'],
      ['any', expect.stringContaining('"kubernetes.io/metadata.name":"store"')],
    ])
    expect(quota?.spec.hard).toMatchObject({ pods: '2', persistentvolumeclaims: '0' })
  })

  it('has a name for the longest tenant', () => {
    const long = aDrill({ tenant: 'x'.repeat(63) })
    const { namespace: name } = drillNames(long)
    expect(name).toHaveLength(63)
    expect(name).toMatch(/-drill-ab12cd34$/)
  })
})
