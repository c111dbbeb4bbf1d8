import { describe, expect, it } from 'vitest'
import { aBackupPolicy, aJob, anObservation, aResult } from '../../../test/fixtures/backup-objects.ts'
import { ID, newRestore } from '../../../test/fixtures/restore-world.ts'
import { aTenant } from '../../../test/fixtures/tenant-objects.ts'
import type { RestoreResult } from '../../agent/restore-contract.ts'
import type { TenantRestoreSpec } from '../../api/v1alpha1/tenant-restore.ts'
import { wholeResult } from '../observe.ts'
import { restoreNetworkPolicy, restoreSecret } from './restore-equipment.ts'
import { restoreJob } from './restore-job.ts'

interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
}
interface PodSpec {
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly name: string }[]
}

const ready = anObservation().place
if (ready.kind !== 'ready') throw new Error('the place is ready')
const request = (purpose: TenantRestoreSpec['purpose'], series: '14.0' | '17.0') => ({
  restore: newRestore('good', { purpose, source: { newest: 'Any' } }).restore,
  id: ID,
  tenant: aTenant(),
  source: { namespace: 'acme', name: 'shop9' },
  point: {
    kind: 'store',
    source: { kind: 'snapshots', ...aResult.snapshots, manifestDigest: aResult.manifestDigest },
  } as const,
  policy: aBackupPolicy(),
  place: { ...ready, version: { ...ready.version, series } },
  agentImage: 'operator:1',
})
const podOf = (...args: Parameters<typeof request>) =>
  (restoreJob(request(...args)) as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec
const specIn = ({ command }: Container): unknown => JSON.parse(command.at(-1) ?? '')
const restored = `t_0f8fad5bd9cb_restored_${ID}`

describe('the Job of a restore', () => {
  it('fills a database of its own from the repository of the source', () => {
    const { containers, initContainers } = podOf('Recover', '17.0')
    expect(initContainers).toBeUndefined()
    expect(containers.map(({ command }) => command[2])).toEqual(['restore-point'])
    expect(specIn(containers[0] ?? expect.fail())).toMatchObject({
      repository: { bucket: 'points', path: 'eu/acme/shop9' },
      source: { kind: 'snapshots' },
      database: { database: restored, login: 't_0f8fad5bd9cb_d1' },
      neutralise: false,
    })
  })
  it('makes a clone harmless by SQL alone where Odoo has no way of its own', () => {
    const { containers, initContainers } = podOf('Clone', '14.0')
    expect(initContainers).toBeUndefined()
    expect(specIn(containers[0] ?? expect.fail())).toMatchObject({ neutralise: true })
  })
  it('lets Odoo neutralise the copy, and no other database, where it can; the agent looks last', () => {
    const { containers, initContainers = [], volumes } = podOf('Clone', '17.0')
    expect(initContainers.map(({ name, image }) => [name, image])).toEqual([
      ['restore', 'operator:1'],
      ['odoo', 'odoo:17.0-1'],
    ])
    expect(initContainers[1]?.command).toEqual([
      'python3',
      '/etc/odoo/launch.py',
      'neutralize',
      '-c',
      '/etc/odoo/odoo.conf',
      '-d',
      restored,
    ])
    expect(containers[0]?.command[2]).toBe('verify-neutralised')
    expect(specIn(containers[0] ?? expect.fail())).toMatchObject({ database: { database: restored } })
    expect(volumes.map(({ name }) => name)).toContain('config')
  })
  it('gets keys and credentials by its Secret, and none by its arguments', () => {
    const content = { escrow: 'e-key', 'repository-key': 'own-key' }
    const secret = restoreSecret(request('Recover', '14.0'), aJob('restore-back'), content)
    expect(secret.stringData).toEqual(content)
    expect(secret.metadata.ownerReferences).toMatchObject([{ kind: 'Job', name: 'restore-back' }])
    expect(JSON.stringify(restoreJob(request('Recover', '14.0')))).not.toMatch(/e-key|own-key/)
  })
  it('reaches names, PostgreSQL and the store', () => {
    const { spec } = restoreNetworkPolicy(request('Recover', '14.0'), aJob('restore-back')) as unknown as {
      spec: { policyTypes: string[]; egress: object[] }
    }
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress'])
    expect(spec.egress).toHaveLength(3)
  })
})

describe('the Job of an export', () => {
  const exported = request('Export', '14.0')
  it('packs a point into a zip beside the repositories, without database and volume of the tenant', () => {
    const { containers, volumes } = podOf('Export', '14.0')
    expect(containers[0]?.command[2]).toBe('export-point')
    expect(specIn(containers[0] ?? expect.fail())).toEqual({
      restore: 'back',
      repository: expect.objectContaining({ path: 'eu/acme/shop9' }),
      source: expect.objectContaining({ kind: 'snapshots' }),
      zip: {
        endpoint: 'http://s3.store.svc:7070',
        bucket: 'points',
        key: 'eu/_exports/acme/shop9/back.zip',
      },
    })
    expect(volumes.map(({ name }) => name)).toEqual(['keys', 'store', 'scratch', 'tmp'])
  })
  it('reaches no PostgreSQL', () => {
    const { spec } = restoreNetworkPolicy(exported, aJob('restore-back')) as unknown as {
      spec: { egress: { ports?: { port: number }[] }[] }
    }
    expect(JSON.stringify(spec.egress)).not.toContain('5432')
  })
})

describe('the Job of an import', () => {
  const zip = { key: 'eu/_imports/acme/theirs.zip', as: 'Moved', sha256: 'a'.repeat(64) } as const
  const importing = (as: 'Moved' | 'Copy', series: '14.0' | '17.0') => {
    const source = { zip: { ...zip, as } }
    const { restore } = newRestore('good', { purpose: 'Import', source })
    return { ...request('Import', series), restore, point: { kind: 'zip', zip: source.zip } as const }
  }
  const pod = (as: 'Moved' | 'Copy', series: '14.0' | '17.0') =>
    (restoreJob(importing(as, series)) as unknown as { spec: { template: { spec: PodSpec } } }).spec.template
      .spec
  it('reads the zip where no key of a repository is', () => {
    const { containers, volumes } = pod('Moved', '17.0')
    expect(containers[0]?.command[2]).toBe('import-zip')
    expect(specIn(containers[0] ?? expect.fail())).toMatchObject({
      zip: { key: zip.key, sha256: zip.sha256, bucket: 'points' },
      database: { database: restored },
      series: '17.0',
      missingFiles: 'Fail',
      admin: { login: 'admin' },
      neutralise: false,
    })
    expect(volumes.map(({ name }) => name)).not.toContain('keys')
    expect(JSON.stringify(containers)).not.toContain('/etc/tenantops/keys')
  })
  it('makes a copy harmless as that of a clone', () => {
    expect(pod('Copy', '17.0').containers[0]?.command[2]).toBe('verify-neutralised')
    expect(specIn(pod('Copy', '14.0').containers[0] ?? expect.fail())).toMatchObject({ neutralise: true })
  })
})

describe('wholeResult', () => {
  const good: RestoreResult = {
    ok: true,
    point: 'p',
    recoveryPointTime: 't',
    evidence: ['rows of 3 tables'],
    bytes: 1,
    neutralised: true,
    seconds: { fetch: 1, database: 1, files: 1, checks: 1 },
  }
  const refused: RestoreResult = { ok: false, reason: 'RowsDiffer', problem: 'table a has 1 row, not 2' }
  const harmless = { ok: true, evidence: ['harmless: 0 mail servers'] } as const
  it('is a refusal when any container refused, whatever the last one says', () => {
    expect(wholeResult([refused, harmless], harmless as unknown as RestoreResult)).toBe(refused)
    const left = { ok: false, reason: 'NotNeutralised', problem: 'the copy is not harmless' } as const
    expect(wholeResult([good, left], left)).toBe(left)
  })
  it('is the restore with the evidence of all', () => {
    expect(wholeResult([good, harmless], harmless as unknown as RestoreResult)).toEqual({
      ...good,
      evidence: ['rows of 3 tables', 'harmless: 0 mail servers'],
    })
    expect(wholeResult([good], good)).toEqual(good)
  })
})
