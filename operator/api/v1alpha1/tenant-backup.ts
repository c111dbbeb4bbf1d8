/**
 * TenantBackup: one recovery point of one tenant, beside it in its namespace. Made by the operator for each run of the
 * policy's schedule, or by a person with `kubectl create` when one is wanted now. Its spec never changes but for the pin.
 */
import { z } from 'zod'
import { cel, fixed } from '../cel.ts'
import { conditionsSchema } from '../condition.ts'
import { ageColumn, defineKind, type Stored } from '../defineKind.ts'
import { nameIsLabel, reference } from '../names.ts'

const tenantBackupSpecSchema = cel(
  z.object({
    tenant: reference('spec.tenant', 'OdooTenant', 'odootenants').describe(
      'OdooTenant of this namespace that is backed up, by the policy it names.',
    ),
    trigger: z
      .enum(['Schedule', 'Manual', 'PreUpgrade', 'Final'])
      .default('Manual')
      .describe('Why it was made. A person leaves it out.'),
    pinned: z
      .boolean()
      .describe('True keeps it until it is set to false again, whatever retention says. Default: false.')
      .optional(),
  }),
  fixed('tenant', 'spec.tenant cannot change, because a point is of one tenant: make another TenantBackup.'),
  fixed(
    'trigger',
    'spec.trigger cannot change, because it says why the point was made: make another TenantBackup.',
  ),
).describe('What is backed up.')

const tenantBackupStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    phase: z
      .enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Expired'])
      .describe('For people; programs read the condition Succeeded.')
      .optional(),
    recoveryPointTime: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .describe('Everything committed before this instant is in it.')
      .optional(),
    startedAt: z.string().max(64).meta({ format: 'date-time' }).describe('When its Job began.').optional(),
    completedAt: z.string().max(64).meta({ format: 'date-time' }).describe('When its Job ended.').optional(),
    duration: z.string().max(32).describe('How long it took.').optional(),
    tenantUid: z.string().max(64).describe('uid of the tenant that was backed up.').optional(),
    policy: z.string().max(63).describe('BackupPolicy by which it was made.').optional(),
    repository: z.string().max(700).describe('Where it is: the address of the restic repository.').optional(),
    snapshots: z
      .object({
        database: z.string().max(64).describe('restic snapshot of the dump.'),
        files: z.string().max(64).describe('restic snapshot of filestore, manifest and secrets.'),
      })
      .describe('Ids in the repository.')
      .optional(),
    manifestDigest: z
      .string()
      .max(80)
      .describe('sha256 of the manifest that a restore is checked against.')
      .optional(),
    bytesTotal: z.int().min(0).describe('Bytes of dump and files.').optional(),
    bytesAdded: z.int().min(0).describe('Bytes it added to the store.').optional(),
    size: z.string().max(16).describe('Bytes of dump and files, for people.').optional(),
    files: z.int().min(0).describe('Files of the filestore.').optional(),
    missingFiles: z.int().min(0).describe('Files that the volume did not have.').optional(),
    serverVersion: z.string().max(63).describe('Version of the PostgreSQL server.').optional(),
    dumpVersion: z.string().max(63).describe('Version of pg_dump.').optional(),
    odooVersion: z.string().max(128).describe('Version of the channel that ran.').optional(),
    image: z.string().max(512).describe('Image that ran.').optional(),
    verification: z
      .object({
        level: z
          .enum(['Data', 'Boot', 'Repository'])
          .describe('How far the proof went; Repository: the store alone was looked at.'),
        time: z.string().max(64).meta({ format: 'date-time' }).describe('When it ended.'),
        result: z
          .enum(['Passed', 'Failed', 'Missing'])
          .describe(
            'What it found. Missing: its snapshots are not in the store, so it counts as a point no more until a look finds them again.',
          ),
        restore: z.string().max(253).describe('TenantRestore that has the evidence.'),
      })
      .describe('The last proof by a restore, or that the store does not have it.')
      .optional(),
  })
  .describe('What became of it.')

export type TenantBackupSpec = z.infer<typeof tenantBackupSpecSchema>
export type TenantBackupStatus = z.infer<typeof tenantBackupStatusSchema>
/** A stored TenantBackup; its metadata always has a namespace. */
export type TenantBackup = Stored<'TenantBackup', TenantBackupSpec, TenantBackupStatus> & {
  metadata: { namespace: string }
}

export const tenantBackupKind = defineKind({
  kind: 'TenantBackup',
  plural: 'tenantbackups',
  singular: 'tenantbackup',
  shortNames: ['tb'],
  scope: 'Namespaced',
  description:
    'TenantBackup is one recovery point of a tenant: database and files of one instant, in the store of its policy. Made by the schedule, or by hand. Deleting the object leaves the point in the store.',
  spec: tenantBackupSpecSchema,
  status: tenantBackupStatusSchema,
  rules: [nameIsLabel],
  columns: [
    { name: 'Tenant', jsonPath: '.spec.tenant', type: 'string', description: 'Whose point it is.' },
    { name: 'Phase', jsonPath: '.status.phase', type: 'string', description: 'How far it is.' },
    {
      name: 'Point',
      jsonPath: '.status.recoveryPointTime',
      type: 'string',
      description: 'Instant of its data.',
    },
    { name: 'Size', jsonPath: '.status.size', type: 'string', description: 'Bytes of dump and files.' },
    { name: 'Took', jsonPath: '.status.duration', type: 'string', description: 'How long it took.' },
    {
      name: 'Verified',
      jsonPath: '.status.verification.result',
      type: 'string',
      description: 'What the last proof by a restore found; Missing: the store does not have it.',
    },
    { name: 'Trigger', jsonPath: '.spec.trigger', type: 'string', description: 'Why it was made.' },
    ageColumn,
    {
      name: 'Pinned',
      jsonPath: '.spec.pinned',
      type: 'boolean',
      description: 'Kept whatever retention says.',
      priority: 1,
    },
    {
      name: 'Message',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      type: 'string',
      description: 'The same in a sentence.',
      priority: 1,
    },
  ],
  selectableFields: ['.spec.tenant', '.spec.trigger'],
  example: {
    metadata: { name: 'shop1-before-import', namespace: 'acme' },
    spec: { tenant: 'shop1', pinned: true },
  },
})
