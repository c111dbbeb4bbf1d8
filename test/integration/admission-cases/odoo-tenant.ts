/** What is said to OdooTenant manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

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
  ['former hosts', { 'spec.redirectHosts': ['old.example.com', 'older.example.com'] }, []],
  [
    '21 former hosts',
    { 'spec.redirectHosts': Array.from({ length: 21 }, (_, i) => `h${i}.example.com`) },
    ['spec.redirectHosts: Too many: 21: must have at most 20 items'],
  ],
  [
    'a former host with path',
    { 'spec.redirectHosts': ['old.example.com/shop'] },
    [
      'spec.redirectHosts[0]: Invalid value: "old.example.com/shop": spec.redirectHosts must be a full host name in lower case, without scheme, port or path: write it like old.example.com.',
    ],
  ],
  [
    'a former host twice',
    { 'spec.redirectHosts': ['old.example.com', 'old.example.com'] },
    [
      'spec.redirectHosts: Invalid value: spec.redirectHosts must not name a host twice: remove the repeated one.',
    ],
  ],
  [
    'a former host that is a host, too',
    { 'spec.hosts': ['a.example.com', 'b.example.com'], 'spec.redirectHosts': ['b.example.com'] },
    [
      'spec.redirectHosts: Invalid value: spec.redirectHosts must not name a host of spec.hosts, which would lead to itself: keep it in one of the two.',
    ],
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
  [
    'a brand with every field',
    {
      'spec.brand': {
        name: 'Café & Co\'s "Ünï"',
        logo: 'data:image/png;base64,iVBORw0KGgo=',
        favicon: 'data:image/x-icon;base64,AAAB',
        primaryColor: '#C81e5a',
        secondaryColor: '#000000',
        mailFrom: 'hello@shop.example.com',
        mailReplyTo: 'help@shop.example.com',
        supportUrl: 'https://help.example.com/?a=1&b=2',
        loginTitle: 'Welcome <friends>',
        footer: 'Made here',
      },
    },
    [],
  ],
  [
    'a brand whose name Odoo would read as an expression',
    { 'spec.brand': { name: '{{7*7}}' } },
    [
      'spec.brand.name: Invalid value: "{{7*7}}": spec.brand.name must not hold $, { , } or \\, with which Odoo\'s templates begin expressions: leave them out.',
    ],
  ],
  [
    'a brand whose name is empty, and a colour by its name',
    { 'spec.brand': { name: ' ', primaryColor: 'red' } },
    [
      'spec.brand.name: Invalid value: " ": spec.brand.name must be one line of text that is not empty.',
      'spec.brand.primaryColor: Invalid value: "red": spec.brand.primaryColor must be a colour of six hexadecimal digits: write it like #1e5ac8.',
    ],
  ],
  [
    'a logo by its address, which a login page must not fetch from elsewhere',
    { 'spec.brand': { logo: 'https://example.com/logo.png' } },
    [
      'spec.brand.logo: Invalid value: "https://example.com/logo.png": spec.brand.logo must be a data URI with base64 of png or jpeg, at most 64 KiB: write it like data:image/png;base64,iVBORw0….',
    ],
  ],
  [
    'a sender without a domain, and help without a scheme',
    { 'spec.brand': { mailFrom: 'hello', supportUrl: 'help.example.com' } },
    [
      'spec.brand.mailFrom: Invalid value: "hello": spec.brand.mailFrom must be an e-mail address: write it like hello@example.com.',
      'spec.brand.supportUrl: Invalid value: "help.example.com": spec.brand.supportUrl must be a URL: write it like https://help.example.com.',
    ],
  ],
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
  [
    'a wish for another password with a line break',
    { 'spec.admin': { login: 'admin', rotation: 'a\nb' } },
    [
      'spec.admin.rotation: Invalid value: "a\\nb": spec.admin.rotation must be a short text of letters, digits, blanks and . _ : / + -: write it like 2026-11-22, and another one when the next password is wanted.',
    ],
  ],
]
