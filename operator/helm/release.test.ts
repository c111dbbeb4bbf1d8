import { describe, expect, it } from 'vitest'
import { ApiError, ForbiddenError, UnavailableError } from '../kube/errors.ts'
import { type FakeCluster, fakeCluster } from './fake-cluster.ts'
import { fakeRenderer } from './fake-renderer.ts'
import { readForeign } from './foreign.ts'
import { releaseState } from './history.ts'
import { decodeRelease, encodeRelease, type ReleaseSecret } from './record.ts'
import { deployRelease } from './release.ts'
import { deployRequest, type SampleObject, target } from './sample-chart.ts'
import { uninstallRelease } from './uninstall.ts'

const web: SampleObject = { kind: 'Service', name: 'web', text: 'a' }
const page: SampleObject = { kind: 'ConfigMap', name: 'page', text: 'a' }
const account: SampleObject = { kind: 'ServiceAccount', name: 'odoo' }
const volume: SampleObject = { kind: 'PersistentVolumeClaim', name: 'filestore', keep: true }
const all = [web, page, account, volume]

function place() {
  const cluster = fakeCluster()
  const renderer = fakeRenderer()
  let now = Date.parse('2026-11-22T05:00:00Z')
  const tools = { client: cluster.client, renderer, now: () => (now += 1000) }
  const deploy = (objects: readonly SampleObject[]) =>
    deployRelease(tools, deployRequest(objects, cluster.revisions('acme')))
  const uninstall = () => uninstallRelease(tools, { target, revisions: cluster.revisions('acme') })
  return { cluster, renderer, deploy, uninstall }
}

const sent = (cluster: FakeCluster) =>
  cluster.requests.splice(0).map(({ verb, kind, name }) => `${verb} ${kind}/${name}`)

const recordOf = (cluster: FakeCluster, revision: number) =>
  decodeRelease(
    cluster.objects.get(`Secret customers-acme/sh.helm.release.v1.acme.v${revision}`) as ReleaseSecret,
    target,
  )

describe('deployRelease', () => {
  it('installs: a pending record, the objects kind by kind, the record deployed', async () => {
    const { cluster, deploy } = place()
    const outcome = await deploy(all)
    expect(sent(cluster)).toEqual([
      'create Secret/sh.helm.release.v1.acme.v1',
      'apply ServiceAccount/odoo',
      'apply ConfigMap/page',
      'apply PersistentVolumeClaim/filestore',
      'apply Service/web',
      'update Secret/sh.helm.release.v1.acme.v1',
    ])
    expect(outcome).toMatchObject({ revision: 1, objects: 4, applied: 4, removed: 0, rendered: true })
    expect(recordOf(cluster, 1).info).toMatchObject({ status: 'deployed', description: 'Install complete' })
    expect(releaseState(cluster.revisions('acme'))).toMatchObject({
      kind: 'ours',
      revision: 1,
      status: 'deployed',
    })
  })

  it('upgrades: only what changed is sent, what went is removed, what says so is kept', async () => {
    const { cluster, deploy } = place()
    await deploy(all)
    sent(cluster)
    const outcome = await deploy([{ ...web, text: 'b' }, account])
    expect(sent(cluster)).toEqual([
      'get Secret/sh.helm.release.v1.acme.v1',
      'create Secret/sh.helm.release.v1.acme.v2',
      'apply Service/web',
      'delete ConfigMap/page',
      'update Secret/sh.helm.release.v1.acme.v1',
      'update Secret/sh.helm.release.v1.acme.v2',
    ])
    expect(outcome).toMatchObject({ applied: 1, removed: 1, kept: ['PersistentVolumeClaim/filestore'] })
    expect(cluster.names()).toEqual(['PersistentVolumeClaim/filestore', 'Service/web', 'ServiceAccount/odoo'])
    expect(recordOf(cluster, 1).info.status).toBe('superseded')
    expect(cluster.revisions('acme').map(({ status }) => status)).toEqual(['deployed', 'superseded'])
  })

  it('keeps five revisions', async () => {
    const { cluster, deploy } = place()
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await deploy([{ ...web, text }])
    expect(cluster.revisions('acme').map(({ revision }) => revision)).toEqual([7, 6, 5, 4, 3])
  })

  it('puts the labels of the tenant and its own mark on the record', async () => {
    const { cluster, deploy } = place()
    const { digest } = await deploy(all)
    const [secret] = [...cluster.objects.values()].filter(({ kind }) => kind === 'Secret')
    expect(secret?.metadata.labels).toMatchObject({
      'tenantops.io/tenant-uid': 'u1',
      'tenantops.io/digest': digest,
      'tenantops.io/revision': '1',
      owner: 'helm',
      status: 'deployed',
    })
  })

  it('records a refusal as failed, once, and goes on under the same number without rendering again', async () => {
    const { cluster, renderer, deploy } = place()
    await deploy([web])
    let full = true
    cluster.tap = ({ verb, name }, when) => {
      if (full && when === 'before' && verb === 'apply' && name === 'filestore')
        throw new ForbiddenError({
          status: 403,
          reason: 'Forbidden',
          message:
            'persistentvolumeclaims "filestore" is forbidden: exceeded quota: plan, requested: 20Gi, used: 0, limited: 10Gi',
          asked: { verb: 'apply', resource: 'persistentvolumeclaims' },
        })
    }
    await expect(deploy(all)).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringContaining('PersistentVolumeClaim filestore in namespace customers-acme'),
    })
    expect(releaseState(cluster.revisions('acme'))).toMatchObject({
      kind: 'ours',
      status: 'failed',
      revision: 2,
    })
    sent(cluster)
    await expect(deploy(all)).rejects.toMatchObject({ reason: 'QuotaExceeded' })
    expect(sent(cluster).filter((request) => /create|update|patch/.test(request))).toEqual([])
    full = false
    const outcome = await deploy(all)
    expect(outcome).toMatchObject({ revision: 2, rendered: false })
    expect(renderer.requests).toHaveLength(2)
    expect(cluster.revisions('acme').map(({ status }) => status)).toEqual(['deployed', 'superseded'])
  })

  it('removes what a failed revision made when the next one does not have it', async () => {
    const { cluster, deploy } = place()
    await deploy([web])
    cluster.tap = ({ verb, name }, when) => {
      if (when === 'before' && verb === 'apply' && name === 'web')
        throw new ApiError({
          status: 422,
          reason: 'Invalid',
          message: 'Service "web" is invalid: spec.clusterIP: Invalid value: field is immutable',
          details: { causes: [{ field: 'spec.clusterIP', message: 'Invalid value: field is immutable' }] },
          asked: { verb: 'apply', resource: 'services' },
        })
    }
    await expect(deploy([{ ...web, text: 'b' }, page])).rejects.toMatchObject({
      reason: 'FieldImmutable',
      remedy: 'input',
      message: expect.stringContaining(
        'Service web in namespace customers-acme cannot be changed this way (spec.clusterIP)',
      ),
    })
    cluster.tap = () => {}
    await deploy([web])
    expect(cluster.names()).toEqual(['Service/web'])
    expect(cluster.revisions('acme').map(({ status }) => status)).toEqual([
      'deployed',
      'failed',
      'superseded',
    ])
  })

  it('leaves the record pending when the API server is away, and ends the work later', async () => {
    const { cluster, deploy } = place()
    cluster.tap = ({ name }) => {
      if (name === 'web') throw new UnavailableError({ verb: 'apply', resource: 'services' }, 'reset')
    }
    await expect(deploy(all)).rejects.toMatchObject({ reason: 'Unavailable', remedy: 'later' })
    expect(releaseState(cluster.revisions('acme')).kind).toBe('pending')
    cluster.tap = () => {}
    expect(await deploy(all)).toMatchObject({ revision: 1, rendered: false, applied: 4 })
  })

  it('notices a cache that is behind, and harms nothing', async () => {
    const { cluster, renderer, deploy } = place()
    await deploy([web])
    const stale = deployRelease({ client: cluster.client, renderer, now: () => 0 }, deployRequest([page], []))
    await expect(stale).rejects.toMatchObject({ reason: 'OtherWriter', remedy: 'soon' })
    expect(cluster.names()).toEqual(['Service/web'])
  })
})

describe('readForeign', () => {
  const byCli = (cluster: FakeCluster, data: ReleaseSecret['data'], manifest?: string) => {
    const key = 'Secret customers-acme/sh.helm.release.v1.acme.v'
    const ours = cluster.objects.get(`${key}1`) as ReleaseSecret
    const record = manifest === undefined ? undefined : { ...decodeRelease(ours, target), manifest }
    const labels = { ...ours.metadata.labels, version: '2', status: 'deployed' }
    const secret = {
      ...ours,
      metadata: { ...ours.metadata, labels },
      data: record ? { release: encodeRelease(record) } : data,
    }
    cluster.objects.set(`${key}2`, secret)
  }
  const read = (cluster: FakeCluster) => readForeign(cluster.client, target, cluster.revisions('acme'))

  it('knows the same objects in another order, and others', async () => {
    const { cluster, deploy } = place()
    await deploy([web, page])
    const documents = recordOf(cluster, 1).manifest.split('---\n').filter(Boolean)
    byCli(
      cluster,
      undefined,
      documents
        .reverse()
        .map((text) => `---\n${text}`)
        .join(''),
    )
    expect(await read(cluster)).toMatchObject({ sameObjects: true })
    byCli(cluster, undefined, `---\n${documents[0]}`)
    expect(await read(cluster)).toMatchObject({ sameObjects: false })
    byCli(
      cluster,
      undefined,
      `${recordOf(cluster, 1).manifest}---\n{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: x}}\n`,
    )
    expect(await read(cluster)).toMatchObject({ sameObjects: false })
    // And we can deploy over it: what we have no rights to stays.
    expect(await deploy([web])).toMatchObject({ revision: 3, applied: 0, removed: 1 })
  })

  it('does not fail on a record that nobody can read', async () => {
    const { cluster, deploy } = place()
    await deploy([web])
    byCli(cluster, {})
    expect(await read(cluster)).toBeUndefined()
    await expect(deploy([page])).rejects.toMatchObject({ reason: 'RecordUnreadable', remedy: 'input' })
  })
})

describe('uninstallRelease', () => {
  it('removes the objects in reverse, keeps what says so, then the record, oldest first', async () => {
    const { cluster, deploy, uninstall } = place()
    await deploy([web])
    await deploy(all)
    sent(cluster)
    expect(await uninstall()).toEqual({ removed: 3, kept: ['PersistentVolumeClaim/filestore'] })
    expect(sent(cluster)).toEqual([
      'get Secret/sh.helm.release.v1.acme.v2',
      'delete Service/web',
      'delete ConfigMap/page',
      'delete ServiceAccount/odoo',
      'delete Secret/sh.helm.release.v1.acme.v1',
      'delete Secret/sh.helm.release.v1.acme.v2',
    ])
    expect(await uninstall()).toEqual({ removed: 0, kept: [] })
  })
})
