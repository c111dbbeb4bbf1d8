/**
 * What the Job of a restore gets for as long as it is there: the store's credentials, the key of the source's repository and
 * the escrow key, and a way through the network policy that closes the namespace. Pure; both are owned by the Job.
 */
import { storeRules, toPostgres } from '../../backup/manifests/network-policy.ts'
import { ownedBy } from '../../backup/manifests/point-object.ts'
import type { PointSecretContent } from '../../backup/manifests/point-secret.ts'
import type { JobPlace } from '../../backup/observation.ts'
import { labelKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { replaces } from '../purpose.ts'
import { component, type RestoreJobRequest, restoreLabels } from './restore-request.ts'

export function restoreSecret(
  { restore, tenant }: Pick<RestoreJobRequest, 'restore' | 'tenant'>,
  job: JobPlace,
  content: PointSecretContent,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: restoreLabels(tenant, restore),
      ownerReferences: [ownedBy(job)],
    },
    stringData: content,
  }
}

/** Names, the tenant's PostgreSQL server (an export needs none), and the store; nothing comes in. */
export function restoreNetworkPolicy(
  { restore, tenant, policy, place }: Pick<RestoreJobRequest, 'restore' | 'tenant' | 'policy' | 'place'>,
  job: JobPlace,
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: restoreLabels(tenant, restore),
      ownerReferences: [ownedBy(job)],
    },
    spec: {
      podSelector: { matchLabels: { [labelKeys.restore]: restore.metadata.name, ...component } },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        ...(replaces(restore.spec) ? [toPostgres(place.class)] : []),
        ...storeRules(policy),
      ],
    },
  }
}
