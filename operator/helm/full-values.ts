/** Values that use every member of the contract, and the fewest that are allowed: for tests of the chart. */
import type { TenantChartValues } from './tenant-chart-values.ts'

export const fewestValues: TenantChartValues = {
  tenant: { name: 'acme', namespace: 'customers', uid: '6f1c0a52-9c0e-4b8e-b0a4-0d5a7c1f2e33' },
  image: 'odoo:14.0',
  series: '14.0',
  config: { secretName: 'odoo-config', digest: '3b5d' },
  hosts: [],
  ingress: { annotations: {} },
  web: { replicas: 1, workers: 0, resources: {} },
  cron: { resources: {} },
  filestore: { size: '10Gi', accessMode: 'ReadWriteOnce' },
  suspended: false,
  operatorNamespace: 'tenantops-system',
  postgres: { port: 5432 },
  scheduling: { nodeSelector: {}, tolerations: [] },
}

export const fullValues: TenantChartValues = {
  ...fewestValues,
  image: 'registry.example.com/odoo:18.0',
  imagePullSecrets: ['registry'],
  series: '18.0',
  hosts: ['acme.example.com', 'www.acme.com'],
  redirectHosts: ['acme.example.org'],
  ingress: {
    className: 'contour',
    annotations: { 'projectcontour.io/response-timeout': '720s' },
    tls: { secretName: 'odoo-tls', issuer: { name: 'letsencrypt', kind: 'ClusterIssuer' } },
    controllerNamespace: 'projectcontour',
  },
  web: {
    replicas: 2,
    workers: 2,
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
  },
  cron: { resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '512Mi' } } },
  filestore: { size: '10Gi', storageClassName: 'fast', accessMode: 'ReadWriteMany' },
  postgres: { port: 5433, cidr: '10.20.0.5/32', namespace: 'postgres' },
  egress: { internet: true, ports: [443] },
  scheduling: {
    nodeSelector: { pool: 'odoo' },
    tolerations: [
      { key: 'odoo', operator: 'Equal', value: 'only', effect: 'NoExecute', tolerationSeconds: 60 },
    ],
  },
}
