/**
 * The place of a drill: a namespace of its own, `restricted`, with room for its one pod, closed but for names, the tenant's
 * PostgreSQL server and the store. Pure. It is no namespace of the tenant: nothing that looks for those finds it.
 */

import { formatQuantity, parseQuantity } from '../../../api/quantity.ts'
import type { TenantRestore } from '../../../api/v1alpha1/tenant-restore.ts'
import { storeRules, toPostgres } from '../../../backup/manifests/network-policy.ts'
import { annotationKeys, labelKeys } from '../../../tenant/manifests/labels.ts'
import type { Manifest } from '../../../tenant/manifests/manifest.ts'
import { podResources } from '../../../tenant/manifests/resources.ts'
import { podSecurity } from '../../../tenant/manifests/runtime-namespace.ts'
import type { DrillNames } from '../names.ts'
import type { Subject } from '../observation.ts'
import { levelOf } from '../plan.ts'

type Ready = Extract<Subject, { kind: 'ready' }>

/** The Job makes a pod anew when one is lost, and the lost one may still be leaving. */
const PODS = 2
/** Containers that may be at work in it at the same time: Odoo and what looks at it. */
const CONTAINERS = 2

/** Whose drill it is; the tenant's uid is left out on purpose. */
export function drillLabels({ metadata, spec }: TenantRestore): Readonly<Record<string, string>> {
  return {
    [labelKeys.managedBy]: 'tenantops',
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.restore]: metadata.name,
    [labelKeys.tenant]: spec.tenant,
    [labelKeys.tenantNamespace]: metadata.namespace,
  }
}

/** The namespace first, then what closes it. */
export function scratchNamespace(
  restore: TenantRestore,
  { namespace }: DrillNames,
  { class: tenantClass, plan, policy }: Ready,
): { readonly namespace: Manifest; readonly fences: readonly Manifest[] } {
  const labels = drillLabels(restore)
  const web = podResources(plan.spec.web.resources)
  const times = (of: string) => formatQuantity(parseQuantity(of) * BigInt(PODS * CONTAINERS))
  return {
    namespace: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { ...labels, ...podSecurity },
        annotations: {
          [annotationKeys.class]: tenantClass.metadata.name,
          [annotationKeys.restoreUid]: restore.metadata.uid,
        },
      },
    },
    fences: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'drill', namespace, labels },
        spec: {
          podSelector: {},
          policyTypes: ['Ingress', 'Egress'],
          egress: [
            {
              ports: [
                { port: 53, protocol: 'UDP' },
                { port: 53, protocol: 'TCP' },
              ],
            },
            ...(levelOf(restore) === 'Repository' ? [] : [toPostgres(tenantClass)]),
            ...storeRules(policy),
          ],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'drill', namespace, labels },
        spec: {
          hard: {
            pods: String(PODS),
            persistentvolumeclaims: '0',
            services: '0',
            'requests.cpu': times(web.requests.cpu),
            'requests.memory': times(web.requests.memory),
            'limits.memory': times(web.limits.memory),
          },
        },
      },
    ],
  }
}
