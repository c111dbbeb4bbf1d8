/** What the provisioner does about claims and volumes: pure decisions, so that they can be tested without a cluster. */

export const provisionerName = 'volumes.test.tenantops.io'

export interface Claim {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: {
    readonly accessModes: readonly string[]
    readonly resources: { readonly requests: { readonly storage: string } }
    readonly storageClassName?: string
    readonly volumeMode?: string
    readonly volumeName?: string
  }
  readonly status?: { readonly capacity?: { readonly storage?: string } }
}

export interface Volume {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly persistentVolumeReclaimPolicy: string }
  readonly status?: { readonly phase?: string }
}

/** The part of a StorageClass that decides a volume. */
export interface StorageClass {
  readonly metadata: { readonly name: string }
  readonly reclaimPolicy?: string
}

const provisionedBy = 'pv.kubernetes.io/provisioned-by'

export const volumeNameOf = (claim: Claim): string => `pvc-${claim.metadata.uid}`

/**
 * Claims that wait for a volume of ours. The controller manager writes the annotation when it is time: at once, or
 * when a pod is scheduled.
 */
export function claimsToServe(claims: readonly Claim[], volumes: readonly Volume[]): Claim[] {
  const there = new Set(volumes.map(({ metadata }) => metadata.name))
  return claims.filter(
    (claim) =>
      claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === provisionerName &&
      claim.metadata.deletionTimestamp === undefined &&
      claim.spec.volumeName === undefined &&
      claim.spec.volumeMode !== 'Block' &&
      !there.has(volumeNameOf(claim)),
  )
}

/**
 * Claims on volumes of ours that ask for more than they have. The API server lets nobody ask for less, nor for more
 * where the class does not allow it, so any other amount is a larger one.
 */
export function claimsToGrow(claims: readonly Claim[], volumes: readonly Volume[]): Claim[] {
  const ours = new Set(
    volumes
      .filter(({ metadata }) => metadata.annotations?.[provisionedBy] === provisionerName)
      .map(({ metadata }) => metadata.name),
  )
  return claims.filter(
    ({ spec, status }) =>
      ours.has(spec.volumeName ?? '') &&
      status?.capacity?.storage !== undefined &&
      status.capacity.storage !== spec.resources.requests.storage,
  )
}

/** Volumes whose claim is gone and whose policy is Delete; those with Retain stay, with their directory. */
export function volumesToDelete(volumes: readonly Volume[]): Volume[] {
  return volumes.filter(
    ({ metadata, spec, status }) =>
      metadata.annotations?.[provisionedBy] === provisionerName &&
      spec.persistentVolumeReclaimPolicy === 'Delete' &&
      status?.phase === 'Released',
  )
}

/**
 * A `local` volume, not `hostPath`: the kubelet applies a pod's fsGroup to it, as to a cloud disk, so that a chart
 * which forgets fsGroup fails here too.
 */
export function volumeFor(claim: Claim, storageClass: StorageClass, path: string, node: string) {
  const { name, namespace, uid } = claim.metadata
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeNameOf(claim), annotations: { [provisionedBy]: provisionerName } },
    spec: {
      capacity: { storage: claim.spec.resources.requests.storage },
      accessModes: claim.spec.accessModes,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
    },
  }
}
