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

const port = (field: string) =>
  cel(z.int().meta({ minimum: undefined, maximum: undefined }), {
    rule: 'self >= 1 && self <= 65535',
    message: `${field} must be a port number from 1 to 65535.`,
  })

const postgresSchema = cel(
  z.object({
    host: cel(z.string().max(253), {
      rule: "self.matches('^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$') || isIP(self)",
      message:
        'spec.postgres.host must be the host name or IP address of the PostgreSQL server, without port: write it like postgres.databases.svc.',
    }).describe('Host name or IP address of the server, as pods reach it.'),
    port: port('spec.postgres.port').describe('Port of the server. Default: 5432.').optional(),
    adminSecret: secretName(
      'spec.postgres.adminSecret',
      'username and password of a role that may create databases and roles',
    ),
    database: z
      .string()
      .min(1)
      .max(63)
      .describe('Maintenance database the operator connects to. Default: postgres.')
      .optional(),
    sslMode: z
      .enum(['disable', 'require', 'verify-ca', 'verify-full'])
      .describe('TLS to the server, in the words of libpq. Default: verify-full, which needs caSecret.')
      .optional(),
    namespace: objectName('spec.postgres.namespace', 'the namespace of the server')
      .describe(
        "Namespace of the server's pods, when it runs in this cluster: tenants may then reach no other namespace on its port.",
      )
      .optional(),
    cidr: cel(z.string().max(64), {
      rule: 'isCIDR(self)',
      message: 'spec.postgres.cidr must be a network in CIDR form: write it like 10.20.0.0/24.',
    })
      .describe('Network of the server, when it runs elsewhere: tenants may then reach no other on its port.')
      .optional(),
    concurrentBackups: cel(z.int().meta({ minimum: undefined, maximum: undefined }), {
      rule: 'self >= 1 && self <= 1000',
      message: 'spec.postgres.concurrentBackups must be from 1 to 1000.',
    })
      .describe('Backups at the same time on this server, of all policies and classes. Default: 4.')
      .optional(),
    caSecret: secretName(
      'spec.postgres.caSecret',
      "the server's CA certificate under the key ca.crt",
    ).optional(),
  }),
  {
    rule: "has(self.caSecret) || (has(self.sslMode) && self.sslMode in ['disable', 'require'])",
    message:
      'spec.postgres.caSecret is needed to verify the server: name a Secret with the key ca.crt, or set sslMode to require (encrypted, not verified) or disable.',
    fieldPath: '.caSecret',
    reason: 'FieldValueRequired',
  },
)

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
        publicPort: port('spec.ingress.publicPort')
          .describe('Port that browsers use, when it is not 443 (with tls) or 80 (without).')
          .optional(),
      })
      .describe('How tenants are reached.')
      .optional(),
    brand: brandSchema('spec.brand').optional(),
    scheduling: z
      .object({
        nodeSelector: cel(z.record(z.string(), z.string().max(63)).meta({ maxProperties: 20 }), {
          rule: `self.all(key, size(key) <= 316 && key.matches(${quote(QUALIFIED)}) && self[key].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))`,
          message:
            'spec.scheduling.nodeSelector must hold node labels: write them like topology.kubernetes.io/zone: eu-west-1a.',
        })
          .describe('Labels of the nodes on which tenants run.')
          .optional(),
        tolerations: z
          .array(
            cel(
              z.object({
                key: z.string().max(316).describe('Key of the taint; absent for every key.').optional(),
                operator: z
                  .enum(['Exists', 'Equal'])
                  .describe('How the value is compared. Default: Equal.')
                  .optional(),
                value: z.string().max(63).describe('Value of the taint.').optional(),
                effect: z
                  .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
                  .describe('Effect of the taint; absent for every effect.')
                  .optional(),
                tolerationSeconds: z.int().describe('Seconds that a NoExecute taint is borne.').optional(),
              }),
              {
                rule: "!has(self.value) || self.value == '' || !has(self.operator) || self.operator == 'Equal'",
                message:
                  'spec.scheduling.tolerations[].value must be absent when operator is Exists: remove it, or set operator to Equal.',
              },
              {
                rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
                message:
                  'spec.scheduling.tolerations[].key is needed unless operator is Exists: name the key of the taint.',
              },
              {
                rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
                message:
                  'spec.scheduling.tolerations[].tolerationSeconds needs effect NoExecute: set that effect, or remove tolerationSeconds.',
              },
            ),
          )
          .max(20)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .describe('Taints that tenants accept, as in a pod.')
          .optional(),
      })
      .describe('On which nodes tenants run.')
      .optional(),
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
