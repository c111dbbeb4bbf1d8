/** The objects of the fleet: what the platform declares once, and one OdooTenant per customer. */
import { operatorNamespace } from '../../demo/database.ts'
import { findCondition } from '../../operator/api/condition.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import type { DeploymentObject } from '../../operator/tenant/workload.ts'
import type { FleetPostgres } from './postgres.ts'

/** All tenants stand in one namespace, as a GitOps repository has them; their pods are in a namespace each. */
export const fleetNamespace = 'customers'

const plan = (name: string, memory: string) => ({
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'TenantPlan',
  metadata: { name },
  spec: {
    tenancy: 'Dedicated',
    web: {
      replicas: 1,
      workers: 0,
      resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory } },
    },
    cron: { resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
    filestore: { size: '1Gi' },
  },
})

/** They differ in one value: the memory of a web pod. */
export const plans = { small: plan('small', '768Mi'), large: plan('large', '1Gi') } as const

export const blueprint = {
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'Blueprint',
  metadata: { name: 'office' },
  spec: { modules: ['base'], language: 'en_US' },
} as const

export const version = { name: '14.0', series: '14.0', image: 'docker.io/library/odoo:14.0' } as const

export function settings({ host, port, user, password }: FleetPostgres): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: fleetNamespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'postgres-admin', namespace: operatorNamespace },
      stringData: { username: user, password },
    },
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantClass',
      metadata: { name: 'local' },
      spec: {
        region: 'local',
        baseDomain: 'example.com',
        postgres: { host, port, adminSecret: 'postgres-admin', sslMode: 'disable' },
        ingress: { className: 'contour', controllerNamespace: 'projectcontour' },
      },
    },
    plans.small,
    plans.large,
    blueprint,
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'ReleaseChannel',
      metadata: { name: 'stable' },
      spec: { current: version.name, versions: [version] },
    },
  ]
}

export const tenantName = (n: number): string => `tenant-${String(n).padStart(4, '0')}`

export function tenant(n: number, suspended: boolean): OdooTenant {
  return {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'OdooTenant',
    metadata: { name: tenantName(n), namespace: fleetNamespace },
    spec: {
      class: 'local',
      plan: 'small',
      blueprint: 'office',
      channel: 'stable',
      deletionPolicy: 'Retain',
      ...(suspended ? { suspended: true } : {}),
    },
  } as OdooTenant
}

/** Nothing is left to do: it serves, or is suspended as it should be, and its status speaks of its present wish. */
export function isSettled({ metadata, status }: OdooTenant): boolean {
  if (status?.observedGeneration !== metadata.generation) return false
  const ready = findCondition(status?.conditions, 'Ready')
  if (findCondition(status?.conditions, 'Reconciling')) return false
  return ready?.status === 'True' || ready?.reason === 'Suspended'
}

/** The value that edits change, as it stands in the web Deployment. */
export function webMemory(deployment: DeploymentObject): string | undefined {
  const { spec } = deployment as { spec?: { template?: { spec?: { containers?: readonly Container[] } } } }
  return spec?.template?.spec?.containers?.[0]?.resources?.limits?.memory
}

interface Container {
  readonly resources?: { readonly limits?: { readonly memory?: string } }
}
