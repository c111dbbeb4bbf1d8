/** The status of an OdooTenant: what the operator saw last, and what cannot be read back from anywhere else. */
import { z } from 'zod'
import { conditionsSchema } from '../condition.ts'

const instantSeen = (what: string) => z.string().max(64).meta({ format: 'date-time' }).describe(what)

export const odooTenantStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    namespace: z.string().max(63).describe('Namespace in which its pods run.').optional(),
    url: z.string().max(300).describe('Where to log in.').optional(),
    hosts: z
      .array(z.string().max(253))
      .max(20)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('Hosts it answers on, the primary one first.')
      .optional(),
    redirectHosts: z
      .array(z.string().max(253))
      .max(20)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('Hosts that lead to the primary one.')
      .optional(),
    adminSecret: z
      .string()
      .max(253)
      .describe('Secret beside this object with the keys url, login and password.')
      .optional(),
    version: z.string().max(128).describe('Version of the channel that runs now.').optional(),
    image: z.string().max(512).describe('Image that runs now.').optional(),
    database: z
      .object({
        name: z.string().max(63).describe('Database name.').optional(),
        owner: z.string().max(63).describe('Role without login that owns everything in it.').optional(),
        template: z.string().max(63).describe('Template database it was cloned from.').optional(),
        loginSerial: z
          .string()
          .max(63)
          .describe('Which generated password its login has: the serial of Secret odoo-database.')
          .optional(),
        brand: z.string().max(63).describe('Digest of the brand that was applied.').optional(),
        settings: z
          .string()
          .max(63)
          .describe('Digest of the addresses, company name and parameters that were applied.')
          .optional(),
        adminSerial: z
          .string()
          .max(63)
          .describe('Which generated password the administrator was given: the serial of the admin Secret.')
          .optional(),
      })
      .describe('Its database on the PostgreSQL server of the class.')
      .optional(),
    modules: z
      .array(z.string().max(128))
      .max(100)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Which of spec.modules are installed.')
      .optional(),
    languages: z
      .array(z.string().max(32))
      .max(50)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Which of spec.languages are loaded.')
      .optional(),
    change: z
      .object({
        extras: z
          .string()
          .max(63)
          .describe('Digest of the modules and languages that were put in.')
          .optional(),
        failed: z
          .string()
          .max(63)
          .describe('Digest of the change that failed and was taken back.')
          .optional(),
        message: z.string().max(4096).describe('Why it failed, in a sentence.').optional(),
      })
      .describe('What became of changes to modules and languages.')
      .optional(),
    backup: z
      .object({
        policy: z.string().max(63).describe('BackupPolicy that applies.').optional(),
        nextRunTime: instantSeen('When the next scheduled point of this tenant begins.').optional(),
        lastScheduleTime: instantSeen('Run of the schedule that was served, or given up, last.').optional(),
        missedRuns: z.int().min(0).describe('Runs of the schedule that could not begin in time.').optional(),
        newest: instantSeen(
          'Instant of the data of the newest point: what a restore would bring back.',
        ).optional(),
        newestBackup: z.string().max(253).describe('TenantBackup that has it.').optional(),
        oldest: instantSeen('Instant of the data of the oldest point.').optional(),
        newestVerified: instantSeen(
          'Instant of the data of the newest point that a restore has proved.',
        ).optional(),
        newestVerifiedBackup: z.string().max(253).describe('TenantBackup that has it.').optional(),
        points: z.int().min(0).describe('Complete points in the store.').optional(),
        expiring: z
          .array(z.string().max(253))
          .max(100)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .describe('TenantBackups that retention removes next.')
          .optional(),
        repository: z
          .object({
            checkedAt: instantSeen('When the last check of the repository ended.'),
            result: z.enum(['Passed', 'Failed']).describe('What it found.'),
            restore: z.string().max(253).describe('TenantRestore that has the evidence.'),
            message: z.string().max(1100).describe('What is wrong with it.').optional(),
            part: z
              .string()
              .max(16)
              .describe('The part of the data that was last found as it was written, such as 3/10.')
              .optional(),
            bytes: z.int().min(0).describe('Bytes that its points take in the store.').optional(),
          })
          .describe('The store of its points, as the last Drill of level Repository found it.')
          .optional(),
        lastDrillTime: instantSeen('When the last drill ended.').optional(),
        restoreSeconds: z
          .number()
          .min(0)
          .describe('Measured RTO: seconds that the last drill or recovery took.')
          .optional(),
      })
      .describe('Its recovery points.')
      .optional(),
    restore: z
      .object({
        name: z
          .string()
          .max(253)
          .describe('TenantRestore that is under way, or that was done last.')
          .optional(),
        id: z
          .string()
          .max(8)
          .describe('First digits of its uid: the databases and folders of it are called by them.')
          .optional(),
        formerUntil: instantSeen(
          'Until when what restores have replaced is kept: the last of it.',
        ).optional(),
      })
      .describe('What was last restored into it.')
      .optional(),
    placement: z
      .object({
        kind: z.enum(['Dedicated', 'Shared']).describe('Whether it runs alone or in a pool.'),
        class: z.string().max(253).describe('Class it was placed by.').optional(),
        login: z.string().max(63).describe('Login role of this placement.').optional(),
      })
      .describe('Where it was placed.')
      .optional(),
    release: z
      .object({
        name: z.string().max(63).describe('Helm release in the namespace of its pods.').optional(),
        revision: z.int().min(0).describe('Revision of that release.').optional(),
        digest: z.string().max(128).describe('Digest of chart and values of that revision.').optional(),
      })
      .describe('Its Helm release.')
      .optional(),
  })
  .describe('What the operator saw last.')

export type OdooTenantStatus = z.infer<typeof odooTenantStatusSchema>
