/** What is said to Blueprint manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

export const blueprintCases: readonly AdmissionCase[] = [
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
  ['no further modules allowed', { 'spec.allowedModules': undefined }, []],
  [
    'an allowed module by its title',
    { 'spec.allowedModules': ['CRM'] },
    [
      'spec.allowedModules[0]: Invalid value: "CRM": spec.allowedModules must hold technical names of Odoo modules: use lower-case letters, digits and \'_\', such as sale_management.',
    ],
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
      'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.',
    ],
  ],
  [
    'an address in the parameters',
    { 'spec.parameters': { 'web.base.url': 'http://x' } },
    [
      'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.',
    ],
  ],
  [
    'a frozen address in the parameters',
    { 'spec.parameters': { 'web.base.url.freeze': 'True' } },
    [
      'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.',
    ],
  ],
  [
    'the place of attachments in the parameters',
    { 'spec.parameters': { 'ir_attachment.location': 'db' } },
    [
      'spec.parameters: Invalid value: spec.parameters must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.',
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
]
