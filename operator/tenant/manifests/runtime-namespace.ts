/**
 * The runtime namespace and what fences it before anything runs inside: Pod Security `restricted`, a quota and
 * limits from the plan, and a network policy that denies everything. Pure. Each object carries the digest of what it
 * was made from, so that an unchanged one is not sent, and one that was deleted or is of yesterday's plan is.
 */
import { createHash } from 'node:crypto'
import type { TenantPlan } from '../../api/v1alpha1/tenant-plan.ts'
import type { PlaceFacts } from '../observation.ts'
import { annotationKeys, type TenantIdentity, tenantLabels } from './labels.ts'
import type { Manifest } from './manifest.ts'
import { runtimeQuota } from './quota.ts'
import { podResources } from './resources.ts'

/** The namespace first (it must exist for the others), then its fences. */
export interface RuntimeNamespace {
  readonly namespace: Manifest
  readonly fences: readonly Manifest[]
}

/** Fences are known by these: Jobs bring network policies of their own. */
export const fenceNames = { limits: 'tenant', closed: 'default-deny' } as const

export const podSecurity = Object.fromEntries(
  ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
)

/** Builds the namespace of `tenant` at `place` for its plan; `className` says which server its database is on. */
export function runtimeNamespace(
  tenant: TenantIdentity,
  { name, names }: Pick<PlaceFacts, 'name' | 'names'>,
  { plan, className }: { readonly plan: TenantPlan['spec']; readonly className: string },
): RuntimeNamespace {
  const labels = tenantLabels(tenant)
  const fences: readonly Manifest[] = [
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: fenceNames.limits, namespace: name, labels },
      spec: { hard: runtimeQuota(plan) },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: fenceNames.limits, namespace: name, labels },
      spec: {
        limits: [
          {
            type: 'Container',
            default: { memory: podResources(plan.web.resources).limits.memory },
            defaultRequest: { cpu: '10m', memory: '32Mi' },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: fenceNames.closed, namespace: name, labels },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ]
  const namespace: Manifest = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...labels, ...podSecurity },
      annotations: { [annotationKeys.class]: className, [annotationKeys.database]: names.database },
    },
  }
  return { namespace: stamped(namespace), fences: fences.map(stamped) }
}

/** The digest on an object; undefined for one that nobody stamped. */
export function stampOf({ metadata }: Pick<Manifest, 'metadata'>): string | undefined {
  return metadata.annotations?.[annotationKeys.digest]
}

/** The manifest with the digest of all it holds. */
export function stamped(manifest: Manifest): Manifest {
  const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16)
  const annotations = { ...manifest.metadata.annotations, [annotationKeys.digest]: digest }
  return { ...manifest, metadata: { ...manifest.metadata, annotations } }
}
