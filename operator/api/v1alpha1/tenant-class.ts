/**
 * TenantClass: where tenants land, the idea of StorageClass and IngressClass. Cluster-scoped, written by the platform
 * team. Every Secret it names lies in the operator's own namespace, so that no class can point at another's secret.
 */
import { z } from 'zod'
import { brandSchema } from '../brand.ts'
import { cel, matches, quote } from '../cel.ts'
import { conditionsSchema } from '../condition.ts'
import { ageColumn, defineKind, messageColumn, readyColumns, type Stored } from '../defineKind.ts'
import { domainName, LABEL, nameIsLabel, objectName, QUALIFIED, secretName } from '../names.ts'
import { portNumber } from '../port.ts'
import { postgresSchema } from './class-postgres.ts'
import { schedulingSchema } from './class-scheduling.ts'

const tlsSchema = cel(
  z.object({
    issuer: objectName('spec.ingress.tls.issuer', 'a cert-manager ClusterIssuer')
      .describe('cert-manager ClusterIssuer that makes a certificate per tenant.')
      .optional(),
    secret: secretName(
      'spec.ingress.tls.secret',
      'a (wildcard) certificate for all tenants, keys tls.crt and tls.key',
    ).optional(),
  }),
  {
    rule: 'has(self.issuer) != has(self.secret)',
    message:
      'spec.ingress.tls must have exactly one of issuer and secret: keep one of them, or remove tls to serve plain HTTP.',
  },
)

const tenantClassSpecSchema = z
  .object({
    region: cel(
      z.string().max(128),
      matches(
        LABEL,
        "spec.region must be a label value such as eu-west-1: use 1 to 63 lower-case letters, digits and '-'.",
      ),
    )
      .describe('Region or site, for people: a column of kubectl get, and a field to select by.')
      .optional(),
    baseDomain: cel(domainName('spec.baseDomain', 'apps.example.com'), {
      rule: 'size(self) <= 189',
      message:
        "spec.baseDomain must be at most 189 characters, so that a tenant's name of 63 fits before it: choose a shorter domain.",
    }).describe('Domain under which a tenant without hosts gets <name>.<baseDomain>.'),
    postgres: postgresSchema.describe('PostgreSQL server, version 14 or later, that holds the databases.'),
    storage: z
      .object({
        className: objectName('spec.storage.className', 'a StorageClass')
          .describe("StorageClass of filestore volumes. Default: the cluster's default class.")
          .optional(),
        accessMode: z
          .enum(['ReadWriteOnce', 'ReadWriteMany'])
          .describe(
            'ReadWriteMany is needed by plans with more than one web replica on several nodes. Default: ReadWriteOnce.',
          )
          .optional(),
      })
      .describe('Where files are kept.')
      .optional(),
    ingress: z
      .object({
        className: objectName('spec.ingress.className', 'an IngressClass')
          .describe("IngressClass of the tenants' routes. Default: the cluster's default class.")
          .optional(),
        annotations: cel(z.record(z.string(), z.string().max(4096)).meta({ maxProperties: 50 }), {
          rule: `self.all(key, size(key) <= 316 && key.matches(${quote(QUALIFIED)}))`,
          message:
            'spec.ingress.annotations must have keys that Kubernetes takes: write them like nginx.ingress.kubernetes.io/proxy-body-size.',
        })
          .describe("Annotations for the tenants' Ingress objects.")
          .optional(),
        tls: tlsSchema
          .describe('Where certificates come from. Without it tenants are served over plain HTTP.')
          .optional(),
        controllerNamespace: objectName(
          'spec.ingress.controllerNamespace',
          'the namespace of the ingress controller',
        )
          .describe(
            'Namespace of the ingress controller: no other may then reach the pods of tenants, but the operator. Default: any may.',
          )
          .optional(),
        publicPort: portNumber('spec.ingress.publicPort')
          .describe('Port that browsers use, when it is not 443 (with tls) or 80 (without).')
          .optional(),
      })
      .describe('How tenants are reached.')
      .optional(),
    brand: brandSchema('spec.brand').optional(),
    scheduling: schedulingSchema.describe('On which nodes tenants run.').optional(),
  })
  .describe('Where tenants of this class land.')

const tenantClassStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    serverVersion: z.string().max(63).describe('Version of its PostgreSQL server.').optional(),
  })
  .describe('What the operator saw last.')

export type TenantClassStatus = z.infer<typeof tenantClassStatusSchema>
export type TenantClassSpec = z.infer<typeof tenantClassSpecSchema>
export type TenantClass = Stored<'TenantClass', TenantClassSpec, TenantClassStatus>

export const tenantClassKind = defineKind({
  kind: 'TenantClass',
  plural: 'tenantclasses',
  singular: 'tenantclass',
  shortNames: ['tcl'],
  scope: 'Cluster',
  description:
    'TenantClass says where tenants land: region, PostgreSQL server, storage, ingress, base domain, nodes. Written by the platform team.',
  spec: tenantClassSpecSchema,
  status: tenantClassStatusSchema,
  rules: [nameIsLabel],
  columns: [
    ...readyColumns,
    { name: 'Region', jsonPath: '.spec.region', type: 'string', description: 'Region or site.' },
    {
      name: 'Domain',
      jsonPath: '.spec.baseDomain',
      type: 'string',
      description: 'Base domain of tenants without hosts.',
    },
    { name: 'Postgres', jsonPath: '.spec.postgres.host', type: 'string', description: 'PostgreSQL server.' },
    { name: 'Ingress', jsonPath: '.spec.ingress.className', type: 'string', description: 'IngressClass.' },
    ageColumn,
    {
      name: 'Storage',
      jsonPath: '.spec.storage.className',
      type: 'string',
      description: 'StorageClass.',
      priority: 1,
    },
    {
      name: 'Version',
      jsonPath: '.status.serverVersion',
      type: 'string',
      description: 'Version of its PostgreSQL server.',
      priority: 1,
    },
    messageColumn,
  ],
  selectableFields: ['.spec.region'],
  example: {
    metadata: { name: 'standard' },
    spec: {
      region: 'eu-west-1',
      baseDomain: 'apps.example.com',
      postgres: {
        host: 'postgres.databases.svc',
        port: 5432,
        adminSecret: 'postgres-admin',
        sslMode: 'require',
      },
      storage: { className: 'fast', accessMode: 'ReadWriteOnce' },
      ingress: { className: 'contour', tls: { issuer: 'letsencrypt' } },
    },
  },
})
