/** What is said to TenantClass manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

const x63 = 'x'.repeat(63)

export const tenantClassCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  [
    'the least there can be',
    {
      spec: {
        baseDomain: 'localhost.test',
        postgres: { host: 'pg', adminSecret: 'pg', sslMode: 'disable' },
      },
    },
    [],
  ],
  [
    'a dotted name',
    { 'metadata.name': 'eu.standard' },
    [
      "metadata.name: Invalid value: metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
    ],
  ],
  ['no base domain', { 'spec.baseDomain': undefined }, ['spec.baseDomain: Required value']],
  [
    'a base domain with wildcard',
    { 'spec.baseDomain': '*.apps.example.com' },
    [
      'spec.baseDomain: Invalid value: "*.apps.example.com": spec.baseDomain must not hold a wildcard: write it like apps.example.com.',
    ],
  ],
  ['a base domain of one label', { 'spec.baseDomain': 'localhost' }, []],
  [
    'a base domain with port',
    { 'spec.baseDomain': 'localhost:8080' },
    [
      'spec.baseDomain: Invalid value: "localhost:8080": spec.baseDomain must be a domain in lower case, without scheme, port or path: write it like apps.example.com.',
    ],
  ],
  [
    'a base domain too long for any tenant',
    { 'spec.baseDomain': `${x63}.${x63}.${'x'.repeat(60)}.com` },
    [
      `spec.baseDomain: Invalid value: "${x63}.${x63}.${'x'.repeat(60)}.com": spec.baseDomain must be at most 189 characters, so that a tenant's name of 63 fits before it: choose a shorter domain.`,
    ],
  ],
  [
    'no PostgreSQL host',
    { 'spec.postgres.host': '' },
    [
      'spec.postgres.host: Invalid value: "": spec.postgres.host must be the host name or IP address of the PostgreSQL server, without port: write it like postgres.databases.svc.',
    ],
  ],
  [
    'a PostgreSQL URL',
    { 'spec.postgres.host': 'postgres://pg:5432' },
    [
      'spec.postgres.host: Invalid value: "postgres://pg:5432": spec.postgres.host must be the host name or IP address of the PostgreSQL server, without port: write it like postgres.databases.svc.',
    ],
  ],
  ['an IPv6 PostgreSQL host', { 'spec.postgres.host': 'fd00::5' }, []],
  [
    'a PostgreSQL port of 0',
    { 'spec.postgres.port': 0 },
    ['spec.postgres.port: Invalid value: 0: spec.postgres.port must be a port number from 1 to 65535.'],
  ],
  [
    'a PostgreSQL port of 65536',
    { 'spec.postgres.port': 65536 },
    ['spec.postgres.port: Invalid value: 65536: spec.postgres.port must be a port number from 1 to 65535.'],
  ],
  [
    'a PostgreSQL port as text',
    { 'spec.postgres.port': '5432' },
    [
      'spec.postgres.port: Invalid value: "string": spec.postgres.port in body must be of type integer: "string"',
    ],
  ],
  [
    'no admin Secret',
    { 'spec.postgres.adminSecret': undefined },
    ['spec.postgres.adminSecret: Required value'],
  ],
  [
    'an admin Secret with a namespace',
    { 'spec.postgres.adminSecret': 'other/pg-admin' },
    [
      "spec.postgres.adminSecret: Invalid value: \"other/pg-admin\": spec.postgres.adminSecret must be the name of a Secret in the operator's namespace: use lower-case letters, digits, '-' and '.'.",
    ],
  ],
  [
    'a TLS mode that is none',
    { 'spec.postgres.sslMode': 'prefer' },
    [
      'spec.postgres.sslMode: Unsupported value: "prefer": supported values: "disable", "require", "verify-ca", "verify-full"',
    ],
  ],
  [
    'verified TLS with a CA',
    { 'spec.postgres.sslMode': 'verify-full', 'spec.postgres.caSecret': 'pg-ca' },
    [],
  ],
  [
    'verified TLS without a CA',
    { 'spec.postgres.sslMode': 'verify-ca' },
    [
      'spec.postgres.caSecret: Required value: spec.postgres.caSecret is needed to verify the server: name a Secret with the key ca.crt, or set sslMode to require (encrypted, not verified) or disable.',
    ],
  ],
  [
    'the default TLS without a CA',
    { 'spec.postgres.sslMode': undefined },
    [
      'spec.postgres.caSecret: Required value: spec.postgres.caSecret is needed to verify the server: name a Secret with the key ca.crt, or set sslMode to require (encrypted, not verified) or disable.',
    ],
  ],
  ['a certificate by Secret', { 'spec.ingress.tls': { secret: 'wildcard-tls' } }, []],
  [
    'a certificate by issuer and Secret',
    { 'spec.ingress.tls': { issuer: 'letsencrypt', secret: 'wildcard-tls' } },
    [
      'spec.ingress.tls: Invalid value: spec.ingress.tls must have exactly one of issuer and secret: keep one of them, or remove tls to serve plain HTTP.',
    ],
  ],
  [
    'a certificate from nowhere',
    { 'spec.ingress.tls': {} },
    [
      'spec.ingress.tls: Invalid value: spec.ingress.tls must have exactly one of issuer and secret: keep one of them, or remove tls to serve plain HTTP.',
    ],
  ],
  [
    'a public port that is none',
    { 'spec.ingress.publicPort': 70000 },
    [
      'spec.ingress.publicPort: Invalid value: 70000: spec.ingress.publicPort must be a port number from 1 to 65535.',
    ],
  ],
  [
    'an annotation key with a space',
    { 'spec.ingress.annotations': { 'proxy body': '1m' } },
    [
      'spec.ingress.annotations: Invalid value: spec.ingress.annotations must have keys that Kubernetes takes: write them like nginx.ingress.kubernetes.io/proxy-body-size.',
    ],
  ],
  [
    'a StorageClass in capitals',
    { 'spec.storage.className': 'Fast SSD' },
    [
      "spec.storage.className: Invalid value: \"Fast SSD\": spec.storage.className must be the name of a StorageClass: use lower-case letters, digits, '-' and '.'.",
    ],
  ],
  [
    'an access mode that is none',
    { 'spec.storage.accessMode': 'ReadWriteOncePod' },
    [
      'spec.storage.accessMode: Unsupported value: "ReadWriteOncePod": supported values: "ReadWriteOnce", "ReadWriteMany"',
    ],
  ],
  [
    'a region with a space',
    { 'spec.region': 'EU west' },
    [
      'spec.region: Invalid value: "EU west": spec.region must be a label value such as eu-west-1: use 1 to 63 lower-case letters, digits and \'-\'.',
    ],
  ],
  [
    'nodes by label',
    { 'spec.scheduling': { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-west-1a' } } },
    [],
  ],
  [
    'nodes by a bad label',
    { 'spec.scheduling': { nodeSelector: { zone: 'eu west' } } },
    [
      'spec.scheduling.nodeSelector: Invalid value: spec.scheduling.nodeSelector must hold node labels: write them like topology.kubernetes.io/zone: eu-west-1a.',
    ],
  ],
  [
    'tolerations as in a pod',
    {
      'spec.scheduling': {
        tolerations: [
          { operator: 'Exists' },
          { key: 'odoo', value: 'yes', effect: 'NoSchedule' },
          { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
        ],
      },
    },
    [],
  ],
  [
    'tolerations that no pod takes',
    {
      'spec.scheduling': {
        tolerations: [
          { key: 'a', operator: 'Exists', value: 'b' },
          { value: 'b' },
          { key: 'a', effect: 'NoSchedule', tolerationSeconds: 60 },
        ],
      },
    },
    [
      'spec.scheduling.tolerations[0]: Invalid value: spec.scheduling.tolerations[].value must be absent when operator is Exists: remove it, or set operator to Equal.',
      'spec.scheduling.tolerations[1]: Invalid value: spec.scheduling.tolerations[].key is needed unless operator is Exists: name the key of the taint.',
      'spec.scheduling.tolerations[2]: Invalid value: spec.scheduling.tolerations[].tolerationSeconds needs effect NoExecute: set that effect, or remove tolerationSeconds.',
    ],
  ],
]
