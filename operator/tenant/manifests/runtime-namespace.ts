/**
 * The runtime namespace and what fences it before anything runs inside: Pod Security `restricted`, a quota and
 * limits from the plan, and a network policy that denies everything. Pure; the digest on the namespace says
 * which of these it was last made from, so that an unchanged one costs nothing.
 */
import { createHash } from 'node:crypto'
import type { TenantPlan } from '../../api/v1alpha1/tenant-plan.ts'
import type { PlaceFacts } from '../observation.ts'
import { annotationKeys, type TenantIdentity, tenantLabels } from './labels.ts'
import type { Manifest } from './manifest.ts'
import { runtimeQuota } from './quota.ts'
import { podResources } from './resources.ts'

/** The namespace first (it must exist for the others), then what lives in it. */
export interface RuntimeNamespace {
  readonly digest: string
  readonly namespace: Manifest
  readonly contents: readonly Manifest[]
}

const podSecurity = Object.fromEntries(
  ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
)

/** Builds the namespace of `tenant` at `place` for `plan`. */
export function runtimeNamespace(
  tenant: TenantIdentity,
  { name, names }: Pick<PlaceFacts, 'name' | 'names'>,
  plan: TenantPlan['spec'],
): RuntimeNamespace {
  const labels = tenantLabels(tenant)
  const contents: readonly Manifest[] = [
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'tenant', namespace: name, labels },
      spec: { hard: runtimeQuota(plan) },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'tenant', namespace: name, labels },
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
      metadata: { name: 'default-deny', namespace: name, labels },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ]
  const namespace: Manifest = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...labels, ...podSecurity },
      annotations: { [annotationKeys.database]: names.database },
    },
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([namespace, contents]))
    .digest('hex')
    .slice(0, 16)
  return {
    digest,
    namespace: {
      ...namespace,
      metadata: {
        ...namespace.metadata,
        annotations: { ...namespace.metadata.annotations, [annotationKeys.digest]: digest },
      },
    },
    contents,
  }
}
