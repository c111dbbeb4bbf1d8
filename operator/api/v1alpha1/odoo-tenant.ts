/**
 * OdooTenant: one customer's Odoo. The platform team or a partner writes the spec; the operator writes the status
 * and nothing else. Where it runs, how big it is, what is inside and which version come from the four objects named.
 */
import { z } from 'zod'
import { brandSchema } from '../brand.ts'
import { cel, fixed, matches } from '../cel.ts'
import { ageColumn, defineKind, messageColumn, readyColumns, type Stored } from '../defineKind.ts'
import { instant } from '../instant.ts'
import { hostName, languageCode, moduleName, nameIsLabel, reference } from '../names.ts'
import { parametersSchema } from '../parameters.ts'
import { type OdooTenantStatus, odooTenantStatusSchema } from './odoo-tenant-status.ts'

const login = cel(
  z.string().max(128),
  matches(
    '^[A-Za-z0-9][A-Za-z0-9._%+@-]{1,63}$',
    'spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
  ),
  {
    rule: "!(self in ['default', 'public', 'portaltemplate'])",
    message:
      'spec.admin.login must not be default, public or portaltemplate, which Odoo keeps for itself: choose another, such as admin.',
  },
)

const odooTenantSpecSchema = cel(
  z.object({
    class: reference('spec.class', 'TenantClass', 'tenantclasses').describe(
      'TenantClass that says where it runs. Fixed at creation.',
    ),
    plan: reference('spec.plan', 'TenantPlan', 'tenantplans').describe('TenantPlan that says how big it is.'),
    blueprint: reference('spec.blueprint', 'Blueprint', 'blueprints').describe(
      'Blueprint that says what is inside. Fixed at creation.',
    ),
    channel: reference('spec.channel', 'ReleaseChannel', 'releasechannels').describe(
      'ReleaseChannel that says which Odoo version runs.',
    ),
    backupPolicy: reference('spec.backupPolicy', 'BackupPolicy', 'backuppolicies')
      .describe('BackupPolicy by which recovery points are made and proved. Default: none are.')
      .optional(),
    hosts: cel(z.array(hostName('spec.hosts', 'shop.example.com')).max(20), {
      rule: 'self.all(host, self.exists_one(other, other == host))',
      message: 'spec.hosts must not name a host twice: remove the repeated one.',
    })
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        "Host names under which it is reached; the first is the primary one that Odoo puts into links. Default: the tenant's name under the base domain of its class.",
      )
      .optional(),
    redirectHosts: cel(z.array(hostName('spec.redirectHosts', 'old.example.com')).max(20), {
      rule: 'self.all(host, self.exists_one(other, other == host))',
      message: 'spec.redirectHosts must not name a host twice: remove the repeated one.',
    })
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        'Former host names: whoever asks for one is sent to the same page under the primary host, also while the tenant is suspended.',
      )
      .optional(),
    displayName: cel(z.string().max(128), {
      rule: "self.matches('^[^\\\\x00-\\\\x1f]*\\\\S[^\\\\x00-\\\\x1f]*$')",
      message:
        'spec.displayName must be one line of text with at least one visible character: give the name of the company.',
    })
      .describe("Name of the company as Odoo shows it. Default: the tenant's name.")
      .optional(),
    brand: brandSchema('spec.brand').optional(),
    parameters: parametersSchema('spec.parameters')
      .describe(
        'System parameters (ir.config_parameter) of this tenant, over those of its blueprint; not for secrets. A key that is removed gives back what it was before.',
      )
      .optional(),
    admin: z
      .object({
        login: login
          .describe("Login of the tenant's first administrator. Default: admin. Fixed at creation.")
          .optional(),
        rotation: cel(
          z.string().max(63),
          matches(
            '^[A-Za-z0-9]([A-Za-z0-9 ._:/+-]*[A-Za-z0-9])?$',
            'spec.admin.rotation must be a short text of letters, digits, blanks and . _ : / + -: write it like 2026-11-22, and another one when the next password is wanted.',
          ),
        )
          .describe(
            'Any short text, such as a date: change it to have a new password made. The Secret and Odoo follow, and sessions of the old password end.',
          )
          .optional(),
      })
      .describe(
        'The first administrator. The password is made by the operator and stored in Secret <tenant>-admin.',
      )
      .optional(),
    modules: z
      .array(moduleName('spec.modules'))
      .max(100)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe(
        'Odoo modules beside those of the blueprint, by technical name; the blueprint must allow each in allowedModules. One that is added later is installed by a Job, while users see a maintenance page; when that fails, everything is as before.',
      )
      .optional(),
    languages: z
      .array(languageCode('spec.languages', 'hold language codes of Odoo'))
      .max(50)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Languages beside that of the blueprint; loaded like modules, and never taken away.')
      .optional(),
    suspended: z.boolean().describe('True stops every pod and keeps all data. Default: false.').optional(),
    adopt: z
      .boolean()
      .describe(
        'True takes over what a deleted tenant of this name left behind with deletionPolicy Retain: database, files and volume. Nothing new is made when there is nothing to adopt. Default: false.',
      )
      .optional(),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .default('Retain')
      .describe(
        'What becomes of database and files when the object is deleted. Delete destroys them for good.',
      ),
    pointsOnDelete: z
      .enum(['Keep', 'Shred'])
      .describe(
        'With deletionPolicy Delete: what becomes of the recovery points in the store. Shred ends them all for good, pinned ones and the final one too: the keys of their repository are removed, then whatever the store lets go. Default: Keep.',
      )
      .optional(),
    retainUntil: instant('spec.retainUntil', '2031-01-01T00:00:00Z')
      .describe(
        'With deletionPolicy Retain: the instant after which the data kept of the deleted tenant is destroyed for good, with a warning event a day before. Default: it is kept until a person removes it.',
      )
      .optional(),
  }),
  {
    rule: "!has(self.retainUntil) || self.deletionPolicy == 'Retain'",
    message:
      'spec.retainUntil needs spec.deletionPolicy Retain, since Delete keeps nothing: remove spec.retainUntil, or set spec.deletionPolicy to Retain.',
  },
  {
    rule: "!has(self.pointsOnDelete) || self.pointsOnDelete == 'Keep' || (self.deletionPolicy == 'Delete' && has(self.backupPolicy))",
    message:
      'spec.pointsOnDelete Shred needs spec.deletionPolicy Delete and spec.backupPolicy, which says where the points are: set both, or set spec.pointsOnDelete to Keep.',
    fieldPath: '.pointsOnDelete',
  },
  {
    rule: '!has(self.redirectHosts) || !has(self.hosts) || !self.redirectHosts.exists(host, host in self.hosts)',
    message:
      'spec.redirectHosts must not name a host of spec.hosts, which would lead to itself: keep it in one of the two.',
    fieldPath: '.redirectHosts',
  },
  fixed(
    'class',
    'spec.class cannot change, because moving between classes is not served by this version: make a new tenant in the other class.',
  ),
  fixed(
    'blueprint',
    'spec.blueprint cannot change, because a tenant is made from it once: make a new tenant, or add to spec.modules what the blueprint allows.',
  ),
  fixed(
    'admin.login',
    'spec.admin.login cannot change after creation: change the login in Odoo under Settings, Users.',
    "'admin'",
  ),
).describe('What the tenant should be.')

export type OdooTenantSpec = z.infer<typeof odooTenantSpecSchema>
/** A stored OdooTenant; its metadata always has a namespace. */
export type OdooTenant = Stored<'OdooTenant', OdooTenantSpec, OdooTenantStatus> & {
  metadata: { namespace: string }
}

export const odooTenantKind = defineKind({
  kind: 'OdooTenant',
  plural: 'odootenants',
  singular: 'odootenant',
  shortNames: ['ot'],
  scope: 'Namespaced',
  description:
    "OdooTenant is one customer's Odoo: a database, a filestore and pods of its own, under its own hosts. Written by the platform team or a partner.",
  spec: odooTenantSpecSchema,
  status: odooTenantStatusSchema,
  rules: [
    nameIsLabel,
    {
      // Only of what is installed: a module that could not be installed may be taken from the list again.
      rule: '!has(self.status) || !has(self.status.modules) || !has(oldSelf.spec.modules) || oldSelf.spec.modules.all(name, !(name in self.status.modules) || (has(self.spec.modules) && name in self.spec.modules))',
      message:
        'spec.modules must keep every module that is installed, because Odoo deletes the data of a module with it: put it back, and uninstall it inside Odoo if its data may go, or restore a backup from before it was installed.',
      fieldPath: '.spec.modules',
      reason: 'FieldValueForbidden',
    },
  ],
  columns: [
    ...readyColumns,
    { name: 'URL', jsonPath: '.status.url', type: 'string', description: 'Where to log in.' },
    { name: 'Version', jsonPath: '.status.version', type: 'string', description: 'Version that runs now.' },
    { name: 'Plan', jsonPath: '.spec.plan', type: 'string', description: 'How big it is.' },
    ageColumn,
    { name: 'Class', jsonPath: '.spec.class', type: 'string', description: 'Where it runs.', priority: 1 },
    {
      name: 'Blueprint',
      jsonPath: '.spec.blueprint',
      type: 'string',
      description: 'What is inside.',
      priority: 1,
    },
    {
      name: 'Channel',
      jsonPath: '.spec.channel',
      type: 'string',
      description: 'Where versions come from.',
      priority: 1,
    },
    {
      name: 'Runtime',
      jsonPath: '.status.namespace',
      type: 'string',
      description: 'Namespace of its pods.',
      priority: 1,
    },
    {
      name: 'Point',
      jsonPath: '.status.backup.newest',
      type: 'date',
      description: 'Age of the newest recovery point.',
      priority: 1,
    },
    messageColumn,
  ],
  selectableFields: ['.spec.class', '.spec.plan', '.spec.blueprint', '.spec.channel'],
  example: {
    metadata: { name: 'shop1', namespace: 'acme' },
    spec: {
      class: 'standard',
      plan: 'starter',
      blueprint: 'retail',
      channel: 'stable',
      hosts: ['shop1.example.com'],
      modules: ['crm'],
      languages: ['nl_BE'],
      admin: { login: 'admin' },
      deletionPolicy: 'Retain',
    },
  },
})
