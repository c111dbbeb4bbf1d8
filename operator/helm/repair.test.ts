import { expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { baselineOf, ownedAnnotation } from './baseline.ts'
import { type FakeCluster, fakeCluster } from './fake-cluster.ts'
import { fakeRenderer } from './fake-renderer.ts'
import { deployRelease } from './release.ts'
import { repairRelease } from './repair.ts'
import { deployRequest, type SampleObject, target } from './sample-chart.ts'

const service: SampleObject = { kind: 'Service', name: 'odoo', text: 'a' }
const volume: SampleObject = { kind: 'PersistentVolumeClaim', name: 'filestore', keep: true }

/** A cluster whose answers say which fields are ours: here, all that the object's data holds. */
function place() {
  const cluster = fakeCluster()
  const { client } = cluster
  const tools = {
    client: {
      ...client,
      applyAs: async (...args: Parameters<typeof client.applyAs>) => {
        const stored = await client.applyAs(...args)
        const data = Reflect.get(stored, 'data') as { readonly text: string }
        const fieldsV1 = { 'f:data': { [`f:${data.text}`]: {} } }
        const managedFields = [{ manager: 'helm', operation: 'Apply', fieldsV1 }]
        return { ...stored, metadata: { ...stored.metadata, managedFields } }
      },
    },
    renderer: fakeRenderer(),
    now: () => Date.parse('2026-11-22T05:00:00Z'),
  }
  const deploy = (...objects: readonly SampleObject[]) =>
    deployRelease(tools, deployRequest(objects, cluster.revisions('acme')))
  const repair = (revision: number, ...objects: readonly string[]) =>
    repairRelease(tools, { target, revision, objects })
  return { cluster, deploy, repair }
}

const secretOf = (cluster: FakeCluster, revision: number) =>
  cluster.objects.get(`Secret customers-acme/sh.helm.release.v1.acme.v${revision}`) as KubeObject
const noted = (cluster: FakeCluster, revision: number) => baselineOf(secretOf(cluster, revision).metadata)
const sent = (cluster: FakeCluster) =>
  cluster.requests.splice(0).map(({ verb, kind, name }) => `${verb} ${kind}/${name}`)

it('a deployed revision notes what is ours of each object, in no request of its own; a volume only by its name', async () => {
  const { cluster, deploy } = place()
  await deploy(service, volume)
  expect(sent(cluster)).toHaveLength(4)
  expect(noted(cluster, 1)).toEqual({
    '/Service/odoo': expect.stringMatching(/^\w{16}$/),
    '/PersistentVolumeClaim/filestore': '',
  })
})

it('the next revision takes the note of what was not sent again, and the former one loses it', async () => {
  const { cluster, deploy } = place()
  const other: SampleObject = { kind: 'Service', name: 'other', text: 'a' }
  await deploy(service, other, volume)
  const before = noted(cluster, 1)
  await deploy(service, { ...other, text: 'b' }, volume)
  expect(noted(cluster, 1)).toBeUndefined()
  expect(noted(cluster, 2)).toEqual({
    ...before,
    '/Service/other': expect.not.stringMatching(before?.['/Service/other'] ?? ''),
  })
})

it('sends what drifted though the manifest is the same', async () => {
  const { cluster, deploy } = place()
  await deploy(service, volume)
  sent(cluster)
  const request = deployRequest(
    [service, volume, { kind: 'Service', name: 'new' }],
    cluster.revisions('acme'),
  )
  const drifted = new Set(['/Service/odoo'])
  await deployRelease(
    { client: cluster.client, renderer: fakeRenderer(), now: () => 0 },
    { ...request, drifted },
  )
  expect(sent(cluster).filter((request) => request.startsWith('apply'))).toEqual([
    'apply Service/odoo',
    'apply Service/new',
  ])
})

it('repairs the objects named, and renews the note only when it changed', async () => {
  const { cluster, deploy, repair } = place()
  await deploy(service, volume)
  cluster.objects.delete('Service customers-acme/odoo')
  sent(cluster)
  await repair(1, '/Service/odoo', '/PersistentVolumeClaim/filestore', '/Service/unknown')
  expect(cluster.names()).toContain('Service/odoo')
  expect(sent(cluster)).toEqual([
    'get Secret/sh.helm.release.v1.acme.v1',
    'get Secret/sh.helm.release.v1.acme.v2',
    'apply Service/odoo',
  ])
  const secret = secretOf(cluster, 1)
  cluster.objects.set('Secret customers-acme/sh.helm.release.v1.acme.v1', {
    ...secret,
    metadata: { ...secret.metadata, annotations: { [ownedAnnotation]: '{"/Service/odoo":"of yesterday"}' } },
  })
  await repair(1, '/Service/odoo')
  expect(sent(cluster).at(-1)).toBe('patch Secret/sh.helm.release.v1.acme.v1')
  expect(noted(cluster, 1)).toMatchObject({ '/Service/odoo': expect.stringMatching(/^\w{16}$/) })
})

it('writes nothing when somebody has a newer revision', async () => {
  const { cluster, deploy, repair } = place()
  await deploy(service)
  await deploy({ ...service, text: 'b' })
  sent(cluster)
  await expect(repair(1, '/Service/odoo')).rejects.toMatchObject({ reason: 'OtherWriter' })
  cluster.objects.set('Secret customers-acme/sh.helm.release.v1.acme.v3', secretOf(cluster, 2))
  await expect(repair(2, '/Service/odoo')).rejects.toMatchObject({ reason: 'OtherWriter', remedy: 'soon' })
  expect(sent(cluster).every((request) => request.startsWith('get'))).toBe(true)
})

it.each([
  [3, undefined],
  [0, 0],
])('of an autoscaled Deployment %i replicas are sent as %s', async (replicas, expected) => {
  const { cluster } = place()
  const web = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, paused: true },
  }
  const request = { ...deployRequest([], []), values: { objects: [web] }, autoscaled: new Set(['web']) }
  await deployRelease({ client: cluster.client, renderer: fakeRenderer(), now: () => 0 }, request)
  const stored = cluster.objects.get('Deployment customers-acme/web')
  expect(Reflect.get(stored ?? {}, 'spec')).toEqual({
    paused: true,
    ...(expected === undefined ? {} : { replicas: expected }),
  })
})
