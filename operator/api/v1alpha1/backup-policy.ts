/**
 * BackupPolicy: when recovery points of its tenants are made, where they are kept, for how long, and how often they are
 * proved by a restore. Cluster-scoped, written by the platform team; tenants name it in `spec.backupPolicy`.
 */
import { z } from 'zod'
import { cel, matches } from '../cel.ts'
import { conditionsSchema } from '../condition.ts'
import { ageColumn, defineKind, messageColumn, readyColumns, type Stored } from '../defineKind.ts'
import { duration } from '../duration.ts'
import { nameIsLabel, secretName } from '../names.ts'
import { backupStoreSchema } from './backup-store.ts'

/** The same plain field everywhere: a count from 0 to `most`, said in a sentence. */
const count = (field: string, least: number, most: number) =>
  cel(z.int().meta({ minimum: undefined, maximum: undefined }), {
    rule: `self >= ${least} && self <= ${most}`,
    message: `${field} must be from ${least} to ${most}.`,
  })

const retentionSchema = cel(
  z.object({
    last: count('spec.retention.last', 0, 1000)
      .describe('Keep the newest so many points. Default: 0.')
      .optional(),
    daily: count('spec.retention.daily', 0, 1000)
      .describe('Keep the newest point of each of so many days. Default: 0.')
      .optional(),
    weekly: count('spec.retention.weekly', 0, 1000)
      .describe('Keep the newest point of each of so many weeks, from Monday. Default: 0.')
      .optional(),
    monthly: count('spec.retention.monthly', 0, 1000)
      .describe('Keep the newest point of each of so many months. Default: 0.')
      .optional(),
    yearly: count('spec.retention.yearly', 0, 1000)
      .describe('Keep the newest point of each of so many years. Default: 0.')
      .optional(),
    minimumCount: count('spec.retention.minimumCount', 1, 1000)
      .describe('Never leave fewer points than this. Default: 1.')
      .optional(),
    minimumAge: duration('spec.retention.minimumAge', '24h')
      .describe('Never remove a point younger than this. Default: 24h.')
      .optional(),
  }),
  {
    rule: "['last', 'daily', 'weekly', 'monthly', 'yearly'].exists(rule, rule == 'last' ? has(self.last) && self.last > 0 : rule == 'daily' ? has(self.daily) && self.daily > 0 : rule == 'weekly' ? has(self.weekly) && self.weekly > 0 : rule == 'monthly' ? has(self.monthly) && self.monthly > 0 : has(self.yearly) && self.yearly > 0)",
    message:
      'spec.retention must keep something: set one of last, daily, weekly, monthly and yearly, such as daily: 7.',
  },
)

const backupPolicySpecSchema = z
  .object({
    schedule: cel(
      z.string().max(100),
      matches(
        '^\\s*\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s*$',
        'spec.schedule must have the five fields of cron: minute, hour, day of month, month and day of week, such as "30 2 * * *".',
      ),
    ).describe('When points are made: the five fields of cron, in the time zone below.'),
    timeZone: cel(
      z.string().max(64),
      matches(
        '^[A-Za-z]([A-Za-z0-9_+-]*)(/[A-Za-z0-9_+-]+)*$',
        'spec.timeZone must be a time zone of the IANA database: write it like Europe/Brussels.',
      ),
    )
      .describe('Time zone of the schedule, and of the days and weeks of retention. Default: Etc/UTC.')
      .optional(),
    spread: duration('spec.spread', '30m')
      .describe(
        'Tenants begin spread over so much time after each run of the schedule, each always at its own moment. Default: 0s.',
      )
      .optional(),
    startingDeadline: duration('spec.startingDeadline', '1h')
      .describe(
        'A run that could not begin, since the operator was away, is made up for within so much time; after it, it is counted as missed. Default: 1h.',
      )
      .optional(),
    suspended: z
      .boolean()
      .describe('True makes no scheduled points, and proves and removes none. Default: false.')
      .optional(),
    store: backupStoreSchema.describe(
      'Where points are kept: a restic repository per tenant, each with its own key.',
    ),
    escrowSecret: secretName(
      'spec.escrowSecret',
      'under the key password what opens every repository of this policy, also when the cluster is lost: keep a copy elsewhere',
    ),
    retention: retentionSchema.describe(
      'Which points are kept: each rule keeps what it names, and what none names is removed. Only complete points count.',
    ),
    rpo: duration('spec.rpo', '24h')
      .describe('Objective: the newest point is never older than this.')
      .optional(),
    rto: duration('spec.rto', '1h').describe('Objective: a restore takes no longer than this.').optional(),
    missingFiles: z
      .enum(['Fail', 'Accept'])
      .describe(
        "What a file means that Odoo's database names and the volume does not have: Fail makes no point of it, Accept notes it in the point. Default: Fail.",
      )
      .optional(),
    drill: z
      .object({
        every: duration('spec.drill.every', '30d').describe(
          'Each tenant has a point proved by a restore at least so often.',
        ),
        repositoryEvery: duration('spec.drill.repositoryEvery', '7d')
          .describe(
            'The store of each tenant is looked at at least so often, without restoring: both keys, every point, and a tenth of the data each time. Default: never.',
          )
          .optional(),
        level: z
          .enum(['Data', 'Boot'])
          .describe(
            'How far a drill goes: Data restores and compares every row count and every file, Boot also starts Odoo on it. Default: Boot.',
          )
          .optional(),
      })
      .describe('Restores that prove the points. Default: none.')
      .optional(),
    concurrency: z
      .object({
        backups: count('spec.concurrency.backups', 1, 1000)
          .describe('Backups of this policy at the same time. Default: 4.')
          .optional(),
        drills: count('spec.concurrency.drills', 1, 1000)
          .describe('Drills of this policy at the same time. Default: 1.')
          .optional(),
      })
      .describe('How much runs at the same time.')
      .optional(),
  })
  .describe('How tenants are backed up.')

export type BackupPolicySpec = z.infer<typeof backupPolicySpecSchema>

const backupPolicyStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    tenants: z.int().min(0).describe('Tenants that name it.').optional(),
  })
  .describe('What the operator saw last.')

export type BackupPolicyStatus = z.infer<typeof backupPolicyStatusSchema>
export type BackupPolicy = Stored<'BackupPolicy', BackupPolicySpec, BackupPolicyStatus>

export const backupPolicyKind = defineKind({
  kind: 'BackupPolicy',
  plural: 'backuppolicies',
  singular: 'backuppolicy',
  shortNames: ['bpol'],
  scope: 'Cluster',
  description:
    'BackupPolicy says when recovery points of its tenants are made, where and how long they are kept, and how often they are proved by a restore. Written by the platform team.',
  spec: backupPolicySpecSchema,
  status: backupPolicyStatusSchema,
  rules: [nameIsLabel],
  columns: [
    ...readyColumns,
    { name: 'Schedule', jsonPath: '.spec.schedule', type: 'string', description: 'When points are made.' },
    { name: 'Zone', jsonPath: '.spec.timeZone', type: 'string', description: 'Time zone of the schedule.' },
    { name: 'Suspended', jsonPath: '.spec.suspended', type: 'boolean', description: 'Whether it rests.' },
    { name: 'Tenants', jsonPath: '.status.tenants', type: 'integer', description: 'Tenants that name it.' },
    ageColumn,
    messageColumn,
  ],
  selectableFields: [],
  example: {
    metadata: { name: 'nightly' },
    spec: {
      schedule: '30 2 * * *',
      timeZone: 'Europe/Brussels',
      spread: '1h',
      store: {
        s3: {
          endpoint: 'https://s3.example.com',
          bucket: 'odoo-backups',
          prefix: 'eu',
          credentialsSecret: 'backup-store',
        },
      },
      escrowSecret: 'backup-escrow',
      retention: { daily: 7, weekly: 4, monthly: 12 },
      rpo: '26h',
      rto: '1h',
      drill: { every: '30d', level: 'Boot' },
    },
  },
})
