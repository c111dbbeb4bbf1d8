/**
 * Manifests, and what the API server says to each. A case is the kind's example with some fields set (`undefined`
 * takes a field away); it is accepted when it has no sentence, else every sentence is here, word for word.
 */
import type { apiKinds } from '../../operator/api/kinds.ts'

type KindName = (typeof apiKinds)[number]['kind']

/** What the manifest is like; fields set in the example; what is said. */
export type AdmissionCase = readonly [
  what: string,
  fields: Readonly<Record<string, unknown>>,
  sentences: readonly string[],
]

const x63 = 'x'.repeat(63)
const x64 = 'x'.repeat(64)

export const admissionCases: Readonly<Record<KindName, readonly AdmissionCase[]>> = {
  OdooTenant: [
    ['the example', {}, []],
    [
      'the least there can be',
      { 'spec.hosts': undefined, 'spec.admin': undefined, 'spec.deletionPolicy': undefined },
      [],
    ],
    ['a name of 63 characters', { 'metadata.name': x63 }, []],
    [
      'a name of 64 characters',
      { 'metadata.name': x64 },
      [
        "metadata.name: Invalid value: metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
      ],
    ],
    [
      'a name with a dot',
      { 'metadata.name': 'shop.one' },
      [
        "metadata.name: Invalid value: metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
      ],
    ],
    ['no spec', { spec: undefined }, ['spec: Required value']],
    [
      'no class and no plan',
      { 'spec.class': undefined, 'spec.plan': undefined },
      ['spec.class: Required value', 'spec.plan: Required value'],
    ],
    [
      'a class that can be no name',
      { 'spec.class': 'EU Standard' },
      [
        'spec.class: Invalid value: "EU Standard": spec.class must be the name of a TenantClass: choose one that "kubectl get tenantclasses" shows.',
      ],
    ],
    [
      'an empty plan',
      { 'spec.plan': '' },
      [
        'spec.plan: Invalid value: "": spec.plan must be the name of a TenantPlan: choose one that "kubectl get tenantplans" shows.',
      ],
    ],
    [
      'a blueprint of 64 characters',
      { 'spec.blueprint': x64 },
      [
        `spec.blueprint: Invalid value: "${x64}": spec.blueprint must be the name of a Blueprint: choose one that "kubectl get blueprints" shows.`,
      ],
    ],
    [
      'a channel with a slash',
      { 'spec.channel': 'a/b' },
      [
        'spec.channel: Invalid value: "a/b": spec.channel must be the name of a ReleaseChannel: choose one that "kubectl get releasechannels" shows.',
      ],
    ],
    [
      'a class that is a number',
      { 'spec.class': 3 },
      ['spec.class: Invalid value: "integer": spec.class in body must be of type string: "integer"'],
    ],
    ['20 hosts', { 'spec.hosts': Array.from({ length: 20 }, (_, i) => `h${i}.example.com`) }, []],
    [
      '21 hosts',
      { 'spec.hosts': Array.from({ length: 21 }, (_, i) => `h${i}.example.com`) },
      ['spec.hosts: Too many: 21: must have at most 20 items'],
    ],
    ['a host of 253 characters', { 'spec.hosts': [`${x63}.${x63}.${x63}.${'x'.repeat(57)}.com`] }, []],
    [
      'a host of 254 characters',
      { 'spec.hosts': [`${x63}.${x63}.${x63}.${'x'.repeat(58)}.com`] },
      ['spec.hosts[0]: Too long: may not be more than 253 bytes'],
    ],
    [
      'a host of this machine and a punycode host',
      { 'spec.hosts': ['shop1.localhost', 'xn--bcher-kva.example'] },
      [],
    ],
    [
      'a wildcard host',
      { 'spec.hosts': ['*.example.com'] },
      [
        'spec.hosts[0]: Invalid value: "*.example.com": spec.hosts must not hold a wildcard: write it like shop.example.com.',
      ],
    ],
    [
      'a host in capitals',
      { 'spec.hosts': ['Shop.example.com'] },
      [
        'spec.hosts[0]: Invalid value: "Shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host with scheme',
      { 'spec.hosts': ['https://shop.example.com'] },
      [
        'spec.hosts[0]: Invalid value: "https://shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host with port',
      { 'spec.hosts': ['shop.example.com:8080'] },
      [
        'spec.hosts[0]: Invalid value: "shop.example.com:8080": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'an address as host',
      { 'spec.hosts': ['10.0.0.1'] },
      [
        'spec.hosts[0]: Invalid value: "10.0.0.1": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host without domain',
      { 'spec.hosts': ['shop'] },
      [
        'spec.hosts[0]: Invalid value: "shop": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host with an underscore',
      { 'spec.hosts': ['my_shop.example.com'] },
      [
        'spec.hosts[0]: Invalid value: "my_shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host label of 64 characters',
      { 'spec.hosts': [`${x64}.com`] },
      [
        `spec.hosts[0]: Invalid value: "${x64}.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.`,
      ],
    ],
    [
      'a host with a final dot',
      { 'spec.hosts': ['shop.example.com.'] },
      [
        'spec.hosts[0]: Invalid value: "shop.example.com.": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
      ],
    ],
    [
      'a host twice',
      { 'spec.hosts': ['a.example.com', 'b.example.com', 'a.example.com'] },
      ['spec.hosts: Invalid value: spec.hosts must not name a host twice: remove the repeated one.'],
    ],
    [
      'two faults at once',
      { 'spec.hosts': ['*.example.com'], 'spec.admin': { login: 'a b' } },
      [
        'spec.hosts[0]: Invalid value: "*.example.com": spec.hosts must not hold a wildcard: write it like shop.example.com.',
        'spec.admin.login: Invalid value: "a b": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
      ],
    ],
    ['an address as login', { 'spec.admin': { login: 'jane.doe+odoo@example.com' } }, []],
    ['a company name in any script', { 'spec.displayName': 'Bäckerei 面包 🥐 & Söhne' }, []],
    [
      'a company name of blanks',
      { 'spec.displayName': '   ' },
      [
        'spec.displayName: Invalid value: "   ": spec.displayName must be one line of text with at least one visible character: give the name of the company.',
      ],
    ],
    [
      'a company name of two lines',
      { 'spec.displayName': 'Acme\nBakery' },
      [
        'spec.displayName: Invalid value: "Acme\\nBakery": spec.displayName must be one line of text with at least one visible character: give the name of the company.',
      ],
    ],
    [
      'a login of one character',
      { 'spec.admin': { login: 'a' } },
      [
        'spec.admin.login: Invalid value: "a": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
      ],
    ],
    [
      'a login of 65 characters',
      { 'spec.admin': { login: 'x'.repeat(65) } },
      [
        `spec.admin.login: Invalid value: "${'x'.repeat(65)}": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.`,
      ],
    ],
    [
      'a login with a quote',
      { 'spec.admin': { login: "o'hara" } },
      [
        'spec.admin.login: Invalid value: "o\'hara": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
      ],
    ],
    [
      "a login that is Odoo's own",
      { 'spec.admin': { login: 'public' } },
      [
        'spec.admin.login: Invalid value: "public": spec.admin.login must not be default, public or portaltemplate, which Odoo keeps for itself: choose another, such as admin.',
      ],
    ],
    [
      "Odoo's system login",
      { 'spec.admin': { login: '__system__' } },
      [
        'spec.admin.login: Invalid value: "__system__": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
      ],
    ],
    [
      'a deletion policy that is none',
      { 'spec.deletionPolicy': 'Keep' },
      ['spec.deletionPolicy: Unsupported value: "Keep": supported values: "Retain", "Delete"'],
    ],
    [
      'suspended as text',
      { 'spec.suspended': 'yes' },
      ['spec.suspended: Invalid value: "string": spec.suspended in body must be of type boolean: "string"'],
    ],
    [
      'a field that is none',
      { 'spec.image': 'odoo:17.0' },
      [
        'OdooTenant in version "v1alpha1" cannot be handled as a OdooTenant: strict decoding error: unknown field "spec.image"',
      ],
    ],
    [
      'a password in the spec',
      { 'spec.admin': { login: 'admin', password: 'x' } },
      [
        'OdooTenant in version "v1alpha1" cannot be handled as a OdooTenant: strict decoding error: unknown field "spec.admin.password"',
      ],
    ],
  ],
  TenantClass: [
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
  ],
  TenantPlan: [
    ['the example', {}, []],
    [
      'the least there can be',
      {
        spec: {
          web: { resources: { requests: { cpu: '100m', memory: '256Mi' } } },
          filestore: { size: '1Gi' },
        },
      },
      [],
    ],
    [
      'whole numbers without quotes',
      {
        'spec.web.resources': {
          requests: { cpu: 1, memory: 1073741824 },
          limits: { cpu: 2, memory: 2147483648 },
        },
      },
      [],
    ],
    [
      'a name with an underscore',
      { 'metadata.name': 'big_plan' },
      [
        "metadata.name: Invalid value: \"big_plan\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "metadata.name: Invalid value: metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
      ],
    ],
    [
      'shared tenancy',
      { 'spec.tenancy': 'Shared' },
      [
        'spec.tenancy: Invalid value: "Shared": spec.tenancy Shared is not served by this version: choose Dedicated, which gives each tenant pods of its own.',
      ],
    ],
    [
      'a tenancy that is none',
      { 'spec.tenancy': 'Pool' },
      ['spec.tenancy: Unsupported value: "Pool": supported values: "Dedicated", "Shared"'],
    ],
    ['20 replicas', { 'spec.web.replicas': 20 }, []],
    [
      'no replica',
      { 'spec.web.replicas': 0 },
      [
        'spec.web.replicas: Invalid value: 0: spec.web.replicas must be from 1 to 20: to stop a tenant, set its spec.suspended instead.',
      ],
    ],
    [
      '21 replicas',
      { 'spec.web.replicas': 21 },
      [
        'spec.web.replicas: Invalid value: 21: spec.web.replicas must be from 1 to 20: to stop a tenant, set its spec.suspended instead.',
      ],
    ],
    [
      'a negative number of workers',
      { 'spec.web.workers': -1 },
      [
        'spec.web.workers: Invalid value: -1: spec.web.workers must be from 0 to 64: choose 0 for threads in one process.',
      ],
    ],
    ['no resources', { 'spec.web.resources': undefined }, ['spec.web.resources: Required value']],
    [
      'no memory request',
      { 'spec.web.resources.requests.memory': undefined },
      ['spec.web.resources.requests.memory: Required value'],
    ],
    [
      'CPU that is no quantity',
      { 'spec.web.resources.requests.cpu': 'half' },
      [
        'spec.web.resources.requests.cpu: Invalid value: "half": spec.web.resources.requests.cpu must be a quantity: write it like 250m or 1.',
      ],
    ],
    [
      'no CPU at all',
      { 'spec.web.resources.requests.cpu': '0' },
      [
        'spec.web.resources.requests.cpu: Invalid value: "0": spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
      ],
    ],
    [
      'CPU too little to be any',
      { 'spec.web.resources.requests.cpu': '1e-99999' },
      [
        'spec.web.resources.requests.cpu: Invalid value: "1e-99999": spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
      ],
    ],
    [
      'CPU without its m',
      { 'spec.web.resources.requests.cpu': 250 },
      [
        'spec.web.resources.requests.cpu: Invalid value: 250: spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
      ],
    ],
    [
      'CPU as a fraction without quotes',
      { 'spec.web.resources.requests.cpu': 0.5 },
      [
        'spec.web.resources.requests.cpu: Invalid value: "number": spec.web.resources.requests.cpu in body must be of type integer,string: "number"',
      ],
    ],
    [
      'memory in GB',
      { 'spec.web.resources.limits.memory': '1GB' },
      [
        'spec.web.resources.limits.memory: Invalid value: "1GB": spec.web.resources.limits.memory must be a quantity: write it like 1Gi or 4Gi.',
      ],
    ],
    [
      'memory without its unit',
      { 'spec.web.resources.requests.memory': 512 },
      [
        'spec.web.resources.requests.memory: Invalid value: 512: spec.web.resources.requests.memory must be from 64Mi to 1Pi: write it with its unit, like 512Mi or 2Gi.',
      ],
    ],
    [
      'a memory limit below the request',
      { 'spec.web.resources.limits.memory': '256Mi' },
      [
        'spec.web.resources.limits.memory: Invalid value: spec.web.resources.limits.memory must not be below spec.web.resources.requests.memory: raise the limit or lower the request.',
      ],
    ],
    [
      'a CPU limit below the request, in other units',
      { 'spec.web.resources.limits.cpu': '0.2' },
      [
        'spec.web.resources.limits.cpu: Invalid value: spec.web.resources.limits.cpu must not be below spec.web.resources.requests.cpu: raise the limit or lower the request.',
      ],
    ],
    ['a CPU limit equal to the request, in other units', { 'spec.web.resources.limits.cpu': '0.25' }, []],
    [
      'a cron limit below the request',
      { 'spec.cron.resources.limits.memory': '128Mi' },
      [
        'spec.cron.resources.limits.memory: Invalid value: spec.cron.resources.limits.memory must not be below spec.cron.resources.requests.memory: raise the limit or lower the request.',
      ],
    ],
    [
      'a negative filestore',
      { 'spec.filestore.size': '-5Gi' },
      [
        'spec.filestore.size: Invalid value: "-5Gi": spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
      ],
    ],
    [
      'a filestore greater than any disk',
      { 'spec.filestore.size': '1e99999' },
      [
        'spec.filestore.size: Invalid value: "1e99999": spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
      ],
    ],
    [
      'a filestore without its unit',
      { 'spec.filestore.size': 10 },
      [
        'spec.filestore.size: Invalid value: 10: spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
      ],
    ],
    [
      'one connection',
      { 'spec.database.connections': 1 },
      [
        'spec.database.connections: Invalid value: 1: spec.database.connections must be from 2 to 1000: one process of Odoo needs at least 2.',
      ],
    ],
  ],
  Blueprint: [
    ['the example', {}, []],
    ['the least there can be', { spec: { modules: ['base'] } }, []],
    [
      'no modules',
      { 'spec.modules': [] },
      [
        'spec.modules: Invalid value: spec.modules must name at least one Odoo module: add one, such as web for an empty Odoo.',
      ],
    ],
    ['modules left out', { 'spec.modules': undefined }, ['spec.modules: Required value']],
    [
      'a module twice',
      { 'spec.modules': ['sale', 'stock', 'sale'] },
      ['spec.modules[2]: Duplicate value: "sale"'],
    ],
    [
      'a module by its title',
      { 'spec.modules': ['Sales Management'] },
      [
        'spec.modules[0]: Invalid value: "Sales Management": spec.modules must hold technical names of Odoo modules: use lower-case letters, digits and \'_\', such as sale_management.',
      ],
    ],
    [
      'a module with a dash',
      { 'spec.modules': ['web', 'sale-management'] },
      [
        'spec.modules[1]: Invalid value: "sale-management": spec.modules must hold technical names of Odoo modules: use lower-case letters, digits and \'_\', such as sale_management.',
      ],
    ],
    [
      '201 modules',
      { 'spec.modules': Array.from({ length: 201 }, (_, i) => `m${i}`) },
      ['spec.modules: Too many: 201: must have at most 200 items'],
    ],
    ['a language without country', { 'spec.language': 'fr' }, []],
    ['a language with script', { 'spec.language': 'sr@latin' }, []],
    ['the Spanish of Latin America', { 'spec.language': 'es_419' }, []],
    [
      'a language with a dash',
      { 'spec.language': 'fr-BE' },
      [
        'spec.language: Invalid value: "fr-BE": spec.language must be a language code of Odoo: write it like fr, fr_BE or sr@latin.',
      ],
    ],
    [
      'a language by name',
      { 'spec.language': 'french' },
      [
        'spec.language: Invalid value: "french": spec.language must be a language code of Odoo: write it like fr, fr_BE or sr@latin.',
      ],
    ],
    [
      'a country in small letters',
      { 'spec.country': 'be' },
      [
        'spec.country: Invalid value: "be": spec.country must be an ISO 3166 country code of two capital letters: write it like BE.',
      ],
    ],
    [
      'a country of three letters',
      { 'spec.country': 'BEL' },
      [
        'spec.country: Invalid value: "BEL": spec.country must be an ISO 3166 country code of two capital letters: write it like BE.',
      ],
    ],
    [
      'a currency by sign',
      { 'spec.currency': '€' },
      [
        'spec.currency: Invalid value: "€": spec.currency must be an ISO 4217 currency code of three capital letters: write it like EUR.',
      ],
    ],
    [
      'an identity in the parameters',
      { 'spec.parameters': { 'database.uuid': '1' } },
      [
        'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url* or ir_attachment.location, which the operator sets for each tenant: remove that key.',
      ],
    ],
    [
      'an address in the parameters',
      { 'spec.parameters': { 'web.base.url': 'http://x' } },
      [
        'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url* or ir_attachment.location, which the operator sets for each tenant: remove that key.',
      ],
    ],
    [
      'a frozen address in the parameters',
      { 'spec.parameters': { 'web.base.url.freeze': 'True' } },
      [
        'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url* or ir_attachment.location, which the operator sets for each tenant: remove that key.',
      ],
    ],
    [
      'the place of attachments in the parameters',
      { 'spec.parameters': { 'ir_attachment.location': 'db' } },
      [
        'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url* or ir_attachment.location, which the operator sets for each tenant: remove that key.',
      ],
    ],
    [
      'a parameter with a space',
      { 'spec.parameters': { 'my key': '1' } },
      [
        "spec.parameters: Invalid value: spec.parameters must have keys of system parameters: use 1 to 128 letters, digits, '.', '_' and '-', such as mail.catchall.alias.",
      ],
    ],
    [
      'a parameter that is no text',
      { 'spec.parameters': { 'my.key': 1 } },
      [
        'spec.parameters.my.key: Invalid value: "integer": spec.parameters.my.key in body must be of type string: "integer"',
      ],
    ],
    [
      'a parameter of 4097 characters',
      { 'spec.parameters': { 'my.key': 'x'.repeat(4097) } },
      ['spec.parameters.my.key: Too long: may not be more than 4096 bytes'],
    ],
    [
      '101 parameters',
      { 'spec.parameters': Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 'v'])) },
      ['spec.parameters: Too many: 101: must have at most 100 items'],
    ],
  ],
  ReleaseChannel: [
    ['the example', {}, []],
    [
      'an image by digest, even of latest',
      {
        'spec.versions': [
          {
            name: '17.0-20260901',
            series: '17.0',
            image: `registry.local:5000/partners/odoo:latest@sha256:${'a'.repeat(64)}`,
            chart: '1.2.0-rc.1',
          },
        ],
      },
      [],
    ],
    [
      'a current version that is none',
      { 'spec.current': '18.0' },
      [
        'spec.current: Invalid value: spec.current must be the name of a version in spec.versions: add that version or choose one that is there.',
      ],
    ],
    [
      'no versions',
      { 'spec.versions': [] },
      [
        'spec.versions: Invalid value: spec.versions must hold at least one version: add name, series and image of one.',
      ],
    ],
    [
      'a version twice',
      {
        'spec.versions': [
          { name: '17.0-20260901', series: '17.0', image: 'odoo:17.0' },
          { name: '17.0-20260901', series: '18.0', image: 'odoo:18.0' },
        ],
      },
      ['spec.versions[1]: Duplicate value: {"name":"17.0-20260901"}'],
    ],
    [
      'a series that is not served',
      { 'spec.versions': [{ name: '17.0-20260901', series: '13.0', image: 'odoo:13.0' }] },
      [
        'spec.versions[0].series: Unsupported value: "13.0": supported values: "14.0", "15.0", "16.0", "17.0", "18.0", "19.0"',
      ],
    ],
    [
      'a series as a number',
      { 'spec.versions': [{ name: '17.0-20260901', series: 17.0, image: 'odoo:17.0' }] },
      [
        'spec.versions[0].series: Invalid value: "integer": spec.versions[0].series in body must be of type string: "integer"',
        'spec.versions[0].series: Unsupported value: 17: supported values: "14.0", "15.0", "16.0", "17.0", "18.0", "19.0"',
      ],
    ],
    [
      'a version without image',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0' }] },
      ['spec.versions[0].image: Required value'],
    ],
    [
      'an image without tag',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo' }] },
      [
        'spec.versions[0].image: Invalid value: "odoo": spec.versions[].image must carry a tag or digest: write it like odoo:17.0-20260901 or odoo@sha256:….',
      ],
    ],
    [
      'an image without tag on a registry with port',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'registry.local:5000/odoo' }] },
      [
        'spec.versions[0].image: Invalid value: "registry.local:5000/odoo": spec.versions[].image must carry a tag or digest: write it like odoo:17.0-20260901 or odoo@sha256:….',
      ],
    ],
    [
      'the latest image',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo:latest' }] },
      [
        'spec.versions[0].image: Invalid value: "odoo:latest": spec.versions[].image must not be tagged latest, which names another image every day: give the tag of one release, or a digest.',
      ],
    ],
    [
      'an image with scheme',
      {
        'spec.versions': [
          { name: '17.0-20260901', series: '17.0', image: 'https://registry.local/odoo:17.0' },
        ],
      },
      [
        'spec.versions[0].image: Invalid value: "https://registry.local/odoo:17.0": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
      ],
    ],
    [
      'an image in capitals',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'docker.io/library/Odoo:17.0' }] },
      [
        'spec.versions[0].image: Invalid value: "docker.io/library/Odoo:17.0": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
      ],
    ],
    [
      'an image with a short digest',
      { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo@sha256:abc' }] },
      [
        'spec.versions[0].image: Invalid value: "odoo@sha256:abc": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
      ],
    ],
    [
      'a version name with a space',
      { 'spec.current': '17 may', 'spec.versions': [{ name: '17 may', series: '17.0', image: 'odoo:17.0' }] },
      [
        "spec.versions[0].name: Invalid value: \"17 may\": spec.versions[].name must be 1 to 63 lower-case letters, digits, '-' and '.': write it like 17.0-20260901.",
      ],
    ],
    [
      'a chart by path',
      {
        'spec.versions': [
          { name: '17.0-20260901', series: '17.0', image: 'odoo:17.0', chart: './charts/odoo' },
        ],
      },
      [
        'spec.versions[0].chart: Invalid value: "./charts/odoo": spec.versions[].chart must be a version of chart odoo-tenant such as 1.2.0: leave it out to use the one in the operator.',
      ],
    ],
    [
      '51 versions',
      {
        'spec.versions': Array.from({ length: 51 }, (_, i) => ({
          name: i ? `v${i}` : '17.0-20260901',
          series: '17.0',
          image: 'odoo:17.0',
        })),
      },
      ['spec.versions: Too many: 51: must have at most 50 items'],
    ],
  ],
}
