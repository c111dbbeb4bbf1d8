/**
 * TenantRestore: one restore of a recovery point, beside the tenant it is for. Recover puts a tenant back to a point,
 * Clone makes a harmless copy of another tenant in a new one, Drill proves a point in a scratch place and takes it away.
 * Export writes a point as Odoo's own zip for a customer who leaves, Import fills a tenant from one that a customer brings.
 * Its spec never changes: another restore is another object.
 */
import { z } from 'zod'
import { cel, matches } from '../cel.ts'
import { ageColumn, defineKind, type Stored } from '../defineKind.ts'
import { duration } from '../duration.ts'
import { instant } from '../instant.ts'
import { nameIsLabel, reference } from '../names.ts'
import { tenantRestoreStatusSchema } from './tenant-restore-status.ts'

const zipSchema = z
  .object({
    key: cel(
      z.string().max(500),
      matches(
        '^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*[.]zip$',
        "spec.source.zip.key must be the key of a zip in the bucket of the policy: use names of letters, digits, '.', '_' and '-' with '/' between them, such as _imports/acme/shop1.zip.",
      ),
    ).describe(
      'Key in the bucket of the BackupPolicy of spec.tenant, below <prefix>/_imports/<namespace>/ or <prefix>/_exports/<namespace>/.',
    ),
    as: z
      .enum(['Moved', 'Copy'])
      .describe(
        'Moved when the original is not used any more: identity, mail servers and scheduled jobs stay as they are. Copy when it is: the data is made harmless as by a Clone and gets an identity of its own.',
      ),
    sha256: cel(
      z.string().max(64),
      matches('^[0-9a-f]{64}$', 'spec.source.zip.sha256 must be 64 digits from 0 to 9 and a to f.'),
    )
      .describe('SHA-256 of the zip: one that has another is refused.')
      .optional(),
    missingFiles: z
      .enum(['Fail', 'Accept'])
      .describe('What it means when the zip lacks files that its database names. Default: Fail.')
      .optional(),
  })
  .describe("Zip as Odoo's database manager makes it.")

const sourceSchema = cel(
  z.object({
    tenant: reference('spec.source.tenant', 'OdooTenant', 'odootenants')
      .describe('Tenant of this namespace whose point it is. Default: spec.tenant. Clone needs another one.')
      .optional(),
    backup: reference('spec.source.backup', 'TenantBackup', 'tenantbackups')
      .describe('TenantBackup of this namespace.')
      .optional(),
    before: instant('spec.source.before', '2026-11-22T14:00:00Z')
      .describe('The newest complete point not after this instant, such as 2026-11-22T14:00:00Z.')
      .optional(),
    newest: z
      .enum(['Verified', 'Any', 'InStore'])
      .describe(
        'The newest point: Verified by a drill, Any that is complete, or InStore, which asks the repository itself when the cluster has lost its TenantBackups.',
      )
      .optional(),
    zip: zipSchema.optional(),
  }),
  {
    rule: '[has(self.backup), has(self.before), has(self.newest), has(self.zip)].exists_one(given, given)',
    message:
      'spec.source must name the point in exactly one way: keep one of backup, before, newest and zip.',
  },
)

const tenantRestoreSpecSchema = cel(
  z.object({
    tenant: reference('spec.tenant', 'OdooTenant', 'odootenants').describe(
      'OdooTenant of this namespace: whose data is replaced (Recover, Clone, Import), or whose point is proved (Drill) or given away (Export).',
    ),
    purpose: z
      .enum(['Recover', 'Clone', 'Drill', 'Export', 'Import'])
      .describe(
        "Recover puts the tenant back to a point of its own, Clone fills it with a harmless copy of another, Drill proves a point and changes nothing, Export writes a point into the store as Odoo's own zip and changes nothing, Import fills the tenant from such a zip.",
      ),
    source: sourceSchema.describe('Which point.'),
    keepFormer: duration('spec.keepFormer', '24h')
      .describe(
        'How long the database and files that were replaced are kept beside the new ones. Default: 24h.',
      )
      .optional(),
    level: z
      .enum(['Repository', 'Data', 'Boot'])
      .describe(
        'How far a Drill goes: Repository restores nothing and looks at the store, whether both keys open it, every point is in it and a part of the data is as it was written; Data restores a point and compares it, Boot also starts Odoo on it. Default: Boot.',
      )
      .optional(),
  }),
  {
    rule: 'self == oldSelf',
    message:
      'spec.source and all beside it cannot change, because a restore is done once: make another TenantRestore.',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "self.purpose == 'Export' || (self.purpose == 'Clone' ? has(self.source.tenant) && self.source.tenant != self.tenant : !has(self.source.tenant) || self.source.tenant == self.tenant)",
    message:
      'spec.source.tenant must be another tenant when purpose is Clone, and spec.tenant itself or absent otherwise: correct it, or choose the other purpose.',
    fieldPath: '.source.tenant',
  },
  {
    rule: "has(self.source.zip) == (self.purpose == 'Import')",
    message:
      'spec.source must be zip when spec.purpose is Import, and a point of a tenant otherwise: correct it, or choose the other purpose.',
    fieldPath: '.source',
  },
  {
    rule: "!has(self.level) || self.level != 'Repository' || (has(self.source.newest) && self.source.newest == 'InStore')",
    message:
      'spec.source must be newest: InStore when spec.level is Repository, which looks at all points in the store: correct it, or choose the level Data or Boot.',
    fieldPath: '.source',
  },
  {
    rule: "!has(self.level) || self.purpose == 'Drill'",
    message: 'spec.level is of a Drill only: remove it, or set spec.purpose to Drill.',
    fieldPath: '.level',
  },
  {
    rule: "!has(self.keepFormer) || !(self.purpose in ['Drill', 'Export'])",
    message: 'spec.keepFormer is not of a Drill or an Export, which replace nothing: remove it.',
    fieldPath: '.keepFormer',
  },
).describe('What is restored, and where.')

export type TenantRestoreSpec = z.infer<typeof tenantRestoreSpecSchema>
export type TenantRestoreStatus = z.infer<typeof tenantRestoreStatusSchema>
/** A stored TenantRestore; its metadata always has a namespace. */
export type TenantRestore = Stored<'TenantRestore', TenantRestoreSpec, TenantRestoreStatus> & {
  metadata: { namespace: string }
}

export const tenantRestoreKind = defineKind({
  kind: 'TenantRestore',
  plural: 'tenantrestores',
  singular: 'tenantrestore',
  shortNames: ['tr'],
  scope: 'Namespaced',
  description:
    "TenantRestore is one restore of a recovery point: Recover puts a tenant back, Clone fills a new tenant with a harmless copy, Drill proves a point and leaves nothing behind, Export and Import write and read Odoo's own zip.",
  spec: tenantRestoreSpecSchema,
  status: tenantRestoreStatusSchema,
  rules: [nameIsLabel],
  columns: [
    { name: 'Tenant', jsonPath: '.spec.tenant', type: 'string', description: 'For which tenant.' },
    { name: 'Purpose', jsonPath: '.spec.purpose', type: 'string', description: 'What for.' },
    { name: 'Phase', jsonPath: '.status.phase', type: 'string', description: 'How far it is.' },
    { name: 'Backup', jsonPath: '.status.backup', type: 'string', description: 'Which point.' },
    {
      name: 'Point',
      jsonPath: '.status.recoveryPointTime',
      type: 'string',
      description: 'Instant of its data.',
    },
    { name: 'Took', jsonPath: '.status.duration', type: 'string', description: 'How long it took.' },
    ageColumn,
    {
      name: 'Message',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      type: 'string',
      description: 'The same in a sentence.',
      priority: 1,
    },
  ],
  selectableFields: ['.spec.tenant', '.spec.purpose'],
  example: {
    metadata: { name: 'shop1-back-to-noon', namespace: 'acme' },
    spec: { tenant: 'shop1', purpose: 'Recover', source: { before: '2026-11-22T12:00:00Z' } },
  },
})
