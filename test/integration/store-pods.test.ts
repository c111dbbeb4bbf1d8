/**
 * What a store asks of the pods that work with it, said by the real API server: in a namespace that is `restricted`, as those
 * of tenants are, the pod of a Job is taken with every kind of store. One that names an NFS share itself is not, which is why
 * a volume comes by its CSI driver.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pointJob } from '../../operator/backup/manifests/point-job.ts'
import { podSecurity } from '../../operator/tenant/manifests/runtime-namespace.ts'
import { aBackup, aBackupPolicy, anObservation, aResult } from '../fixtures/backup-objects.ts'
import { aTenant } from '../fixtures/tenant-objects.ts'
import { mark, namespace, send } from './admission-server.ts'

const closed = `${namespace}-closed`
beforeAll(async () => {
  const metadata = { name: closed, labels: { ...podSecurity, [mark]: '' } }
  const made = await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
  expect(made.status).toBe(201)
})
afterAll(() => send('DELETE', `/api/v1/namespaces/${closed}`))

interface Pod {
  readonly volumes: readonly object[]
}
const { place } = anObservation()
if (place.kind !== 'ready') throw new Error('the place is ready')

const stores = {
  s3: { s3: { endpoint: 'https://s3.example.com', bucket: 'points', credentialsSecret: 'store' } },
  rest: { rest: { url: 'https://rest.example.com:8000', credentialsSecret: 'rest' } },
  volume: {
    volume: { driver: 'nfs.csi.k8s.io', attributes: { server: 'nas', share: '/points' }, prefix: 'eu' },
  },
} as const

function podOf(store: keyof typeof stores, work: 'backup' | 'forget'): Pod {
  const { spec } = pointJob({
    work,
    backup: aBackup('shop1-now', {}, { snapshots: aResult.snapshots }),
    tenant: aTenant({ backupPolicy: 'nightly' }),
    policy: aBackupPolicy({ store: stores[store] }),
    place: place as Extract<typeof place, { kind: 'ready' }>,
    agentImage: 'agent:1',
    readers: false,
    reread: false,
    prune: true,
  })
  return (spec as { template: { spec: Pod } }).template.spec
}

const tried = (spec: Pod) =>
  send('POST', `/api/v1/namespaces/${closed}/pods?dryRun=All&fieldValidation=Strict`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'point' },
    spec: { serviceAccountName: 'default', ...spec },
  })

it.each(
  (['s3', 'rest', 'volume'] as const).flatMap((store) => [
    [store, 'backup'] as const,
    [store, 'forget'] as const,
  ]),
)('a pod of a store %s is taken for a %s', async (store, work) => {
  const { status, body } = await tried(podOf(store, work))
  expect({ status, message: body.message }).toEqual({ status: 201, message: undefined })
})

it('a pod that names the share itself is not', async () => {
  const pod = podOf('volume', 'backup')
  const volumes = [
    ...pod.volumes.filter((volume) => !('csi' in volume)),
    { name: 'store', nfs: { server: 'nas', path: '/points' } },
  ]
  const { status, body } = await tried({ ...pod, volumes })
  expect(status).toBe(403)
  expect(body.message).toContain('restricted volume types (volume "store" uses restricted volume type "nfs")')
})

it('the REST server of the example is taken as restricted, too', async () => {
  const file = join(import.meta.dirname, '../../examples/stores/10-rest-server.yaml')
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((each) => each.toJS())
  const { spec } = objects.find(({ kind }) => kind === 'StatefulSet')
  // As the StatefulSet makes it: with the claim.
  const data = { name: 'data', persistentVolumeClaim: { claimName: 'data-rest-0' } }
  const pod = { ...spec.template.spec, volumes: [...spec.template.spec.volumes, data] }
  const { status, body } = await tried(pod)
  expect({ status, message: body.message }).toEqual({ status: 201, message: undefined })
  expect(objects[0].metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted')
  const sets = `/apis/apps/v1/namespaces/${closed}/statefulsets?dryRun=All&fieldValidation=Strict`
  const [, , set] = objects
  const made = await send('POST', sets, { ...set, metadata: { ...set.metadata, namespace: closed } })
  expect({ status: made.status, message: made.body.message }).toEqual({ status: 201, message: undefined })
})
