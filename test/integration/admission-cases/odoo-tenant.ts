/** What is said to OdooTenant manifests; to their hosts, and to what people see of a tenant, in files of their own. */
import type { AdmissionCase } from '../admission-cases.ts'
import { adminCases, brandCases } from './tenant-faces.ts'
import { hostCases } from './tenant-hosts.ts'

const x63 = 'x'.repeat(63)
const x64 = 'x'.repeat(64)

export const odooTenantCases: readonly AdmissionCase[] = [
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
  ['no modules and no languages', { 'spec.modules': undefined, 'spec.languages': undefined }, []],
  [
    'a module by its title',
    { 'spec.modules': ['Point of Sale'] },
    [
      'spec.modules[0]: Invalid value: "Point of Sale": spec.modules must hold technical names of Odoo modules: use lower-case letters, digits and \'_\', such as sale_management.',
    ],
  ],
  ['a module twice', { 'spec.modules': ['crm', 'crm'] }, ['spec.modules[1]: Duplicate value: "crm"']],
  [
    'a language with a dash',
    { 'spec.languages': ['fr_BE', 'nl-BE'] },
    [
      'spec.languages[1]: Invalid value: "nl-BE": spec.languages must hold language codes of Odoo: write it like fr, fr_BE or sr@latin.',
    ],
  ],
  ...hostCases,
  [
    'two faults at once',
    { 'spec.hosts': ['*.example.com'], 'spec.admin': { login: 'a b' } },
    [
      'spec.hosts[0]: Invalid value: "*.example.com": spec.hosts must not hold a wildcard: write it like shop.example.com.',
      'spec.admin.login: Invalid value: "a b": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
    ],
  ],
  ...adminCases,
  [
    'a deletion policy that is none',
    { 'spec.deletionPolicy': 'Keep' },
    ['spec.deletionPolicy: Unsupported value: "Keep": supported values: "Retain", "Delete"'],
  ],
  ['retention with an end', { 'spec.retainUntil': '2031-01-01T00:00:00+01:00' }, []],
  [
    'an end of the retention that is no instant',
    { 'spec.retainUntil': '2031-01-01' },
    [
      'spec.retainUntil: Invalid value: "2031-01-01": spec.retainUntil must be an instant of RFC 3339: write it like 2031-01-01T00:00:00Z.',
    ],
  ],
  [
    'an end of the retention where nothing is retained',
    { 'spec.retainUntil': '2031-01-01T00:00:00Z', 'spec.deletionPolicy': 'Delete' },
    [
      'spec: Invalid value: spec.retainUntil needs spec.deletionPolicy Retain, since Delete keeps nothing: remove spec.retainUntil, or set spec.deletionPolicy to Retain.',
    ],
  ],
  [
    'points that end with the tenant',
    { 'spec.pointsOnDelete': 'Shred', 'spec.deletionPolicy': 'Delete', 'spec.backupPolicy': 'nightly' },
    [],
  ],
  ['points that stay, said', { 'spec.pointsOnDelete': 'Keep' }, []],
  [
    'points that end where the data stays',
    { 'spec.pointsOnDelete': 'Shred', 'spec.backupPolicy': 'nightly' },
    [
      'spec.pointsOnDelete: Invalid value: spec.pointsOnDelete Shred needs spec.deletionPolicy Delete and spec.backupPolicy, which says where the points are: set both, or set spec.pointsOnDelete to Keep.',
    ],
  ],
  [
    'points that end nobody knows where',
    { 'spec.pointsOnDelete': 'Shred', 'spec.deletionPolicy': 'Delete' },
    [
      'spec.pointsOnDelete: Invalid value: spec.pointsOnDelete Shred needs spec.deletionPolicy Delete and spec.backupPolicy, which says where the points are: set both, or set spec.pointsOnDelete to Keep.',
    ],
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
  ...brandCases,
  ['a tenant that adopts', { 'spec.adopt': true }, []],
  [
    'parameters of its own, and a wish for another password',
    {
      'spec.parameters': { 'auth_signup.invitation_scope': 'b2c', 'mail.bounce.alias': '' },
      'spec.admin': { login: 'admin', rotation: '2026-11-22' },
    },
    [],
  ],
  ...[
    'database.uuid',
    'database.secret',
    'database.expiration_date',
    'web.base.url',
    'web.base.url.freeze',
    'report.url',
    'ir_attachment.location',
  ].map(
    (key): AdmissionCase => [
      `parameter ${key}, which the operator keeps`,
      { 'spec.parameters': { [key]: 'x' } },
      [
        'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.',
      ],
    ],
  ),
  [
    'a parameter with a blank in its key',
    { 'spec.parameters': { 'mail alias': 'x' } },
    [
      "spec.parameters: Invalid value: spec.parameters must have keys of system parameters: use 1 to 128 letters, digits, '.', '_' and '-', such as mail.catchall.alias.",
    ],
  ],
]
