/** The status of a TenantRestore: how far it is, how long it took, and what it found. */
import { z } from 'zod'
import { conditionsSchema } from '../condition.ts'

const seconds = (what: string) => z.number().min(0).describe(`Seconds ${what}.`).optional()

export const tenantRestoreStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    phase: z
      .enum(['Pending', 'Checking', 'Fetching', 'Swapping', 'Booting', 'Succeeded', 'Failed'])
      .describe('For people; programs read the condition Succeeded.')
      .optional(),
    backup: z.string().max(253).describe('TenantBackup that was chosen.').optional(),
    point: z.string().max(253).describe('Name of the point in the repository.').optional(),
    recoveryPointTime: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .describe('Instant of its data.')
      .optional(),
    startedAt: z.string().max(64).meta({ format: 'date-time' }).describe('When it was accepted.').optional(),
    completedAt: z.string().max(64).meta({ format: 'date-time' }).describe('When it ended.').optional(),
    duration: z.string().max(32).describe('How long it took.').optional(),
    seconds: z
      .object({
        fetch: seconds('to bring the point from the store'),
        database: seconds('to fill the database'),
        files: seconds('to put the files in their place'),
        checks: seconds('to compare with the manifest'),
        boot: seconds('until Odoo answered'),
        total: seconds('from the request to the first good answer: the measured RTO'),
      })
      .describe('Where the time went.')
      .optional(),
    bytes: z.int().min(0).describe('Bytes that were restored.').optional(),
    repository: z
      .object({
        bytes: z.int().min(0).describe('Bytes that its points take in the store.'),
        points: z.int().min(0).describe('Complete points in it.'),
        part: z.string().max(16).describe('The part of the data that was read again, such as 3/10.'),
      })
      .describe('What a Drill of level Repository found.')
      .optional(),
    missingPoints: z
      .array(z.string().max(64))
      .max(200)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        'Points that the repository lacks, by the short ids of their snapshots of files (status.snapshots.files of a TenantBackup). A Drill of level Repository says so.',
      )
      .optional(),
    evidence: z
      .array(z.string().max(300))
      .max(20)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('What was looked at, and found as in the manifest.')
      .optional(),
    export: z
      .object({
        bucket: z.string().max(63).describe('Bucket of the policy.'),
        key: z.string().max(1024).describe('Key of the zip in it.'),
        bytes: z.int().min(0).describe('Its size.'),
        sha256: z.string().max(64).describe('Its SHA-256, in hexadecimal digits.'),
      })
      .describe(
        'What an Export has written. Whoever gives it away signs an address for it with the keys of the store.',
      )
      .optional(),
    formerUntil: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .describe('Until when what was replaced is kept.')
      .optional(),
  })
  .describe('What became of it.')
