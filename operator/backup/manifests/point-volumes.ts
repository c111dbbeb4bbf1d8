/** What the pods of Jobs of points and restores mount, where they run, and how much they may take. Pure. */
import { pointPaths } from '../../agent/point-contract.ts'
import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import { labelKeys } from '../../tenant/manifests/labels.ts'
import { podResources } from '../../tenant/manifests/resources.ts'
import { runtimeNames } from '../../tenant/names.ts'
import type { DataPlace } from '../observation.ts'
import { filesOfStore, storeOf } from '../store.ts'
import { secretKeys, storeKey } from './point-secret.ts'

/** A volume of one node is where Odoo's pods are. The pod itself is of the tenant, too: where no other is, any node will do. */
export function besidePodsOf(uid: string): object {
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { [labelKeys.tenantUid]: uid } },
        },
      ],
    },
  }
}

/** At most a web pod: so much room the quota keeps for a Job. */
export function resourcesOf({ plan }: Extract<DataPlace, { kind: 'ready' }>): object {
  const web = podResources(plan.spec.web.resources)
  const least = (a: string, b: string) =>
    formatQuantity(parseQuantity(a) < parseQuantity(b) ? parseQuantity(a) : parseQuantity(b))
  return {
    requests: { cpu: least('50m', web.requests.cpu), memory: least('128Mi', web.requests.memory) },
    limits: { memory: web.limits.memory },
  }
}

export function pointVolumes(
  { class: { spec } }: Extract<DataPlace, { kind: 'ready' }>,
  name: string,
): readonly object[] {
  const { sslMode = 'verify-full' } = spec.postgres
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  const sealed = {
    [secretKeys.login]: 'admin-login',
    [secretKeys.password]: 'admin-password',
    [secretKeys.tenant]: 'tenant.json',
  }
  return [
    {
      name: 'database',
      projected: {
        defaultMode: 0o440,
        sources: [
          secretFiles(runtimeNames.databaseSecret, { password: 'password' }),
          ...(verified ? [secretFiles(runtimeNames.configSecret, { 'ca.crt': 'ca.crt' })] : []),
        ],
      },
    },
    { name: 'secrets', projected: { defaultMode: 0o440, sources: [secretFiles(name, sealed)] } },
    { name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } },
  ]
}

/** By what a pod reaches the store: credentials from keys `store.…` of one Secret, or the volume itself. */
export function storeVolume(policy: BackupPolicy, secretName: string): object {
  const files = filesOfStore(storeOf(policy)).map((file) => [storeKey(file), file])
  return storeVolumeOf(policy, [secretFiles(secretName, Object.fromEntries(files))])
}

/** The same with credentials from elsewhere. */
export function storeVolumeOf(policy: BackupPolicy, sources: readonly object[]): object {
  const store = storeOf(policy)
  if (store.kind !== 'volume') return { name: 'store', projected: { defaultMode: 0o440, sources } }
  const { driver, attributes } = store
  return { name: 'store', csi: { driver, volumeAttributes: attributes } }
}

/** Its files belong to the group already: they are not given to it again at each mount. */
export const isOnVolume = (policy: BackupPolicy): boolean => storeOf(policy).kind === 'volume'

/** Locks are written by those who only read. */
export function storeMount(policy: BackupPolicy): object {
  return isOnVolume(policy)
    ? { name: 'store', mountPath: pointPaths.volume }
    : { name: 'store', mountPath: pointPaths.store, readOnly: true }
}

/** Keys of a Secret as files. */
export function secretFiles(name: string, files: Readonly<Record<string, string>>): object {
  return { secret: { name, items: Object.entries(files).map(([key, path]) => ({ key, path })) } }
}
