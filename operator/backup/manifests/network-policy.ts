/**
 * What the pod of a point's Job may reach in a namespace that is closed: names, the tenant's PostgreSQL server (to make a
 * point), and the store. Pure. The class and the policy say where those are; nothing comes in.
 */
import { isIP } from 'node:net'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { labelKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import type { JobPlace } from '../observation.ts'
import type { Work } from '../plan.ts'
import { type StoreServer, serverOf, storeOf } from '../store.ts'
import { ownedBy, pointLabels } from './point-object.ts'

interface Rule {
  readonly ports?: readonly { readonly port: number; readonly protocol: 'TCP' | 'UDP' }[]
  readonly to?: readonly object[]
}

export function pointNetworkPolicy(
  work: Work,
  { backup, tenant }: { readonly backup: TenantBackup; readonly tenant: OdooTenant },
  job: JobPlace,
  { policy, class: tenantClass }: { readonly policy: BackupPolicy; readonly class: TenantClass },
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: pointLabels(tenant, backup),
      ownerReferences: [ownedBy(job)],
    },
    spec: {
      podSelector: {
        matchLabels: { [labelKeys.backup]: backup.metadata.name, 'app.kubernetes.io/component': work },
      },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        ...(work === 'backup' ? [toPostgres(tenantClass)] : []),
        ...storeRules(policy, work),
      ],
    },
  }
}

export function toPostgres({ spec }: TenantClass): Rule {
  const { port = 5432, namespace, cidr } = spec.postgres
  return { ports: [{ port, protocol: 'TCP' }], ...to(cidr, namespace) }
}

/** The way to the store of a policy, for whoever works with its repositories; none to a volume, which the node mounts. */
export function storeRules(policy: BackupPolicy, work: Work = 'backup'): readonly Rule[] {
  const server = serverOf(storeOf(policy), work)
  return server === undefined ? [] : [ruleFor(server)]
}

function ruleFor({ address: text, namespace, cidr }: StoreServer): Rule {
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const inside = namespace ?? namespaceIn(host)
  // Rules are about the port of the pod, which is behind that of its Service: the namespace has to do.
  if (inside !== undefined) return to(cidr, inside)
  const family = isIP(host)
  const address = family === 0 ? undefined : `${host}/${family === 4 ? 32 : 128}`
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  return { ports: [{ port, protocol: 'TCP' }], ...to(cidr ?? address, undefined) }
}

/** `s3.store.svc` and `s3.store.svc.cluster.local` are Services of namespace `store`. */
function namespaceIn(host: string): string | undefined {
  return /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(host)?.[1]
}

function to(cidr: string | undefined, namespace: string | undefined): Pick<Rule, 'to'> {
  const peers = [
    ...(cidr === undefined ? [] : [{ ipBlock: { cidr } }]),
    ...(namespace === undefined
      ? []
      : [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }]),
  ]
  return peers.length === 0 ? {} : { to: peers }
}
