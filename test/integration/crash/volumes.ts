/**
 * A volume for each claim of the load's StorageClass, as a provisioner would make it; whether a claim is bound, and may
 * grow, the real controllers and the real API server say. Nothing is stored.
 */
import type { KubeClient } from '../../../operator/kube/client.ts'
import { ConflictError } from '../../../operator/kube/errors.ts'
import { type Kind, kinds } from '../../../operator/kube/kinds.ts'
import type { KubeObject } from '../../../operator/kube/object.ts'
import { systemClock } from '../../../operator/runtime/clock.ts'
import { silent } from '../../../operator/runtime/log.ts'
import { Reflector } from '../../../operator/runtime/reflector.ts'
import { apiObject, place } from './place.ts'

const clusterWide = (group: string, kind: string, plural: string): Kind => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced: false,
  verbs: [],
})
const volumes = clusterWide('', 'PersistentVolume', 'persistentvolumes')
const storageClasses = clusterWide('storage.k8s.io', 'StorageClass', 'storageclasses')
const labels = { 'tenantops.io/load': place.storage }

type Claim = KubeObject & {
  readonly spec: { readonly storageClassName?: string; readonly volumeName?: string }
}

/** Until the signal aborts. */
export async function playProvisioner(client: KubeClient, signal: AbortSignal): Promise<void> {
  const storage = { provisioner: 'tenantops.io/load', allowVolumeExpansion: true }
  await client.apply(
    storageClasses,
    apiObject('storage.k8s.io/v1', 'StorageClass', { name: place.storage }, storage),
    { manager: 'load' },
  )
  const reflector = new Reflector<Claim>({
    kind: kinds.PersistentVolumeClaim,
    client,
    clock: systemClock,
    random: Math.random,
    log: silent,
  })
  reflector.store.onChange((change) => {
    if (change.object.spec.storageClassName !== place.storage) return
    const { name, namespace, uid = '' } = change.object.metadata
    const volume = `load-${uid}`
    const done =
      change.kind === 'removed'
        ? client.delete(volumes, { name: volume })
        : change.object.spec.volumeName === undefined
          ? client.create(volumes, volumeFor(volume, { name, namespace, uid }))
          : Promise.resolve()
    done.catch((error: unknown) => {
      if (!(error instanceof ConflictError) && !signal.aborted) throw error
    })
  })
  await reflector.run(signal)
}

/** Takes away what was provided, also by one that was cut off. */
export async function removeVolumes(client: KubeClient): Promise<void> {
  const { items } = await client.list(volumes, { labelSelector: `tenantops.io/load=${place.storage}` })
  for (const { metadata } of items) await client.delete(volumes, metadata)
  await client.delete(storageClasses, { name: place.storage })
}

function volumeFor(name: string, claim: object): KubeObject {
  return apiObject(
    'v1',
    'PersistentVolume',
    { name, labels },
    {
      spec: {
        capacity: { storage: '10Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: place.storage,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claim },
        hostPath: { path: '/nowhere' },
      },
    },
  )
}
