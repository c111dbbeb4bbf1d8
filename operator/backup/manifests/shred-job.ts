/**
 * The Job that ends a tenant's repository for good: the agent, in the operator's own namespace, where the Secrets of the
 * store are. Pure. It needs no key and nothing of the tenant, whose namespace is gone by then.
 */
import { pointPaths } from '../../agent/point-contract.ts'
import type { ShredSpec } from '../../agent/shred-contract.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import { labelKeys, type TenantIdentity, tenantLabels } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { restrictedJob } from '../../tenant/manifests/restricted-job.ts'
import { agentContainer } from '../../tenant/manifests/restricted-pod.ts'
import { shredJobName } from '../../tenant/names.ts'
import { repositoryOf } from '../repository.ts'
import { caOf, identityOf, type StoreSecret, storeOf } from '../store.ts'
import { isOnVolume, secretFiles, storeMount, storeVolumeOf } from './point-volumes.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = 6 * 3600

interface ShredJobRequest {
  /** Its name is what counts: the points of all who had it go. */
  readonly tenant: { readonly metadata: TenantIdentity }
  readonly policy: BackupPolicy
  readonly operatorNamespace: string
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
}

/** Secrets of the operator's namespace that the Job mounts: of the identity that may delete, where the policy names one. */
export function shredSecrets(policy: BackupPolicy): readonly string[] {
  return mountedSecrets(policy).map(({ name }) => name)
}

function mountedSecrets(policy: BackupPolicy): readonly StoreSecret[] {
  const store = storeOf(policy)
  return [identityOf(store, 'forget'), caOf(store)].flatMap((secret) => secret ?? [])
}

export function shredJob({ tenant, policy, operatorNamespace, agentImage }: ShredJobRequest): Manifest {
  const labels = { ...tenantLabels(tenant.metadata), [labelKeys.partOf]: 'tenantops' }
  const spec: ShredSpec = { repository: repositoryOf(policy, tenant.metadata, 'forget') }
  return restrictedJob({
    metadata: { name: shredJobName(tenant.metadata), namespace: operatorNamespace, labels },
    podLabels: { 'app.kubernetes.io/component': 'shred' },
    deadlineSeconds: DEADLINE_SECONDS,
    pointless: ['agent'],
    scheduling: undefined,
    terminationGracePeriodSeconds: 10,
    lastingVolume: isOnVolume(policy),
    pod: {
      containers: [
        {
          ...agentContainer(agentImage),
          name: 'agent',
          command: ['node', '/app/agent.mjs', 'shred', JSON.stringify(spec)],
          resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '512Mi' } },
          volumeMounts: [
            storeMount(policy),
            { name: 'scratch', mountPath: pointPaths.scratch },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        storeVolumeOf(
          policy,
          mountedSecrets(policy).map(({ name, keys }) =>
            secretFiles(name, Object.fromEntries(keys.map((key) => [key, key]))),
          ),
        ),
        { name: 'scratch', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  })
}
