/** Where the load runs, and what all of its tenants name; to be applied before the load. */
import type { KubeObject } from '../../../operator/kube/object.ts'

export const place = {
  namespace: 'crash',
  /** Of tenants whose namespace is deleted under them; made anew for each load. */
  home: 'crash-home',
  operator: 'crash-system',
  postgres: 'crash.postgres:5432',
  storage: 'crash',
} as const
/** What every template has. */
export const modules = ['base', 'web'] as const

export const settings: readonly KubeObject[] = [
  apiObject('v1', 'Namespace', { name: place.namespace }),
  apiObject('v1', 'Namespace', { name: place.operator }),
  apiObject(
    'v1',
    'Secret',
    { name: 'crash-postgres', namespace: place.operator },
    { stringData: { username: 'u', password: 'p' } },
  ),
  apiObject(
    'v1',
    'Secret',
    { name: 'crash-wildcard', namespace: place.operator },
    { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'certificate', 'tls.key': 'key' } },
  ),
  ours('TenantClass', 'crash', tenantClass()),
  ours('TenantClass', 'crash-tls', { ...tenantClass(), ingress: { tls: { secret: 'crash-wildcard' } } }),
  ours('TenantPlan', 'crash-small', plan('1Gi', '256Mi')),
  ours('TenantPlan', 'crash-large', plan('1Gi', '512Mi')),
  ours('TenantPlan', 'crash-wide', plan('2Gi', '256Mi')),
  ours('Blueprint', 'crash', { modules: [...modules], allowedModules: ['crm', 'stock', 'mrp'] }),
  ours('ReleaseChannel', 'crash', {
    current: '17.0-1',
    versions: [{ name: '17.0-1', series: '17.0', image: 'odoo:17.0' }],
  }),
]

function tenantClass() {
  return {
    baseDomain: 'crash.example.com',
    postgres: { host: 'crash.postgres', adminSecret: 'crash-postgres', sslMode: 'disable' },
    storage: { className: place.storage },
  }
}

function plan(size: string, memory: string): object {
  return {
    tenancy: 'Dedicated',
    web: { resources: { requests: { cpu: '10m', memory }, limits: { memory } } },
    filestore: { size },
  }
}

export function ours(kind: string, name: string, spec: object, namespace?: string): KubeObject {
  return apiObject('tenantops.io/v1alpha1', kind, { name, ...(namespace ? { namespace } : {}) }, { spec })
}

export function apiObject(
  apiVersion: string,
  kind: string,
  metadata: KubeObject['metadata'],
  more: object = {},
): KubeObject {
  return Object.assign({ apiVersion, kind, metadata }, more)
}
