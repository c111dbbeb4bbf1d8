/**
 * The Job that brings a point into the database and the directory made for it, packs one for a customer, or brings a
 * customer's zip. Pure. It is made held back, and let go once it has what it needs (restore-equipment.ts).
 */
import { secretKeys } from '../../backup/manifests/point-secret.ts'
import { besidePodsOf, secretFiles, storeVolume } from '../../backup/manifests/point-volumes.ts'
import { annotationKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { restrictedJob } from '../../tenant/manifests/restricted-job.ts'
import { pointJobName, runtimeNames } from '../../tenant/names.ts'
import { replaces } from '../purpose.ts'
import { containersOf, neutraliseOf } from './restore-containers.ts'
import { component, type RestoreJobRequest, repositoryKey, restoreLabels } from './restore-request.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = 12 * 3600

export function restoreJob(request: RestoreJobRequest): Manifest {
  const { restore, tenant, place, policy } = request
  const { scheduling, storage, postgres } = place.class.spec
  const labels = restoreLabels(tenant, restore)
  const name = pointJobName('restore', restore.metadata.name)
  const fills = replaces(restore.spec)
  const onOneNode = fills && (storage?.accessMode ?? 'ReadWriteOnce') === 'ReadWriteOnce'
  const { sslMode = 'verify-full' } = postgres
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  const projected = (...sources: readonly object[]) => ({ projected: { defaultMode: 0o440, sources } })
  return restrictedJob({
    metadata: {
      name,
      namespace: place.namespace,
      labels,
      annotations: { [annotationKeys.restoreUid]: restore.metadata.uid },
    },
    podLabels: component,
    suspend: true,
    deadlineSeconds: DEADLINE_SECONDS,
    pointless: ['agent'],
    scheduling,
    terminationGracePeriodSeconds: 30,
    lastingVolume: true,
    pod: {
      ...(onOneNode ? { affinity: besidePodsOf(tenant.metadata.uid) } : {}),
      ...containersOf(request),
      volumes: [
        // What a stranger wrote is read where no key of a repository is.
        ...(request.point.kind === 'zip'
          ? []
          : [
              {
                name: 'keys',
                ...projected(secretFiles(name, { [repositoryKey]: 'key', [secretKeys.escrow]: 'escrow' })),
              },
            ]),
        storeVolume(policy, name),
        ...(fills
          ? [
              {
                name: 'database',
                ...projected(
                  secretFiles(runtimeNames.databaseSecret, { password: 'password' }),
                  ...(verified ? [secretFiles(runtimeNames.configSecret, { 'ca.crt': 'ca.crt' })] : []),
                ),
              },
              { name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } },
            ]
          : []),
        ...(neutraliseOf(request) ? [config] : []),
        { name: 'scratch', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  })
}

const config = { name: 'config', secret: { secretName: runtimeNames.configSecret, defaultMode: 0o440 } }
