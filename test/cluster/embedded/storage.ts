/**
 * The default StorageClass `standard`, whose volumes are directories of the cluster's run directory, made on demand.
 * As with kind's class of the same name, a volume is made when the first pod that uses it is scheduled.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../progress.ts'
import { apiOf, apply } from './api.ts'
import { kubeconfigOf, type Launch } from './control-plane.ts'
import { provisionerName } from './volumes.ts'

export async function startStorage(run: string, node: string, launch: Launch, log: Log): Promise<void> {
  const volumes = join(run, 'volumes')
  mkdirSync(volumes)
  await apply(apiOf(kubeconfigOf(run)), '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: provisionerName,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  })
  const program = join(import.meta.dirname, 'provisioner.ts')
  launch('provisioner', [process.execPath, program, kubeconfigOf(run), volumes, node])
  log('storage class standard ready')
}
