/** Small inputs that several tests of releases share. */
import type { Chart } from './chart.ts'
import type { DeployRequest } from './release.ts'
import type { ReleaseTarget } from './target.ts'

export const target: ReleaseTarget = { release: 'acme', namespace: 'customers-acme' }

export const chart: Chart = {
  folder: '/charts/odoo-tenant',
  name: 'odoo-tenant',
  version: '0.1.0',
  digest: 'chart-1',
  record: {
    metadata: { apiVersion: 'v2', name: 'odoo-tenant', version: '0.1.0' },
    lock: null,
    templates: [],
    values: {},
    schema: null,
    files: [],
  },
}

export interface SampleObject {
  readonly kind: 'ConfigMap' | 'Service' | 'PersistentVolumeClaim' | 'ServiceAccount'
  readonly name: string
  readonly text?: string | undefined
  readonly keep?: boolean | undefined
}

/** Values whose manifest, by fakeRenderer, is these objects. */
function valuesOf(objects: readonly SampleObject[]): object {
  return {
    objects: objects.map(({ kind, name, text = '', keep }) => ({
      apiVersion: 'v1',
      kind,
      metadata: { name, ...(keep ? { annotations: { 'helm.sh/resource-policy': 'keep' } } : {}) },
      data: { text },
    })),
  }
}

export function deployRequest(
  objects: readonly SampleObject[],
  revisions: DeployRequest['revisions'],
): DeployRequest {
  return { target, chart, values: valuesOf(objects), revisions, labels: { 'tenantops.io/tenant-uid': 'u1' } }
}
