/**
 * The table of the numbers per tenant: names as Prometheus wants them (one prefix, base units, `_total` for what only
 * grows), labels `tenant_namespace` and `tenant`, and at most one more with few values. At most 30 series per tenant.
 * What is not known has no series: a tenant that was never backed up has no recovery point, not one of 1970. What a
 * person filters by (class, plan, policy …) is on `odoo_tenant_info` alone and joined. Pure.
 */
import { findCondition } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import { seconds, succeeded, type TenantNumbers } from './facts.ts'
import { scheduleInterval } from './schedule-interval.ts'

export interface TenantSeries {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  /** Labels beside the two of the tenant. */
  readonly labels?: readonly string[]
  readonly of: (numbers: TenantNumbers, now: number) => readonly Sample[]
}

export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** No series for what is not known. */
const known = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }])
const truth = (value: boolean | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ value: value ? 1 : 0 }]
const durationSeconds = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text) / 1000
const gauge = (name: string, help: string, of: TenantSeries['of']): TenantSeries => ({
  name,
  help,
  type: 'gauge',
  of,
})

const conditionsTold = ['Ready', 'BackupHealthy', 'RestoreVerified'] as const
const restorePhases = ['fetch', 'database', 'files', 'checks', 'boot', 'total'] as const

export const tenantSeries: readonly TenantSeries[] = [
  {
    ...gauge('odoo_tenant_info', 'What a tenant is of; always 1.', ({ tenant: { spec, status } }) => [
      {
        value: 1,
        labels: {
          class: spec.class,
          plan: spec.plan,
          blueprint: spec.blueprint,
          channel: spec.channel,
          version: status?.version ?? '',
          backup_policy: spec.backupPolicy ?? '',
        },
      },
    ]),
    labels: ['class', 'plan', 'blueprint', 'channel', 'version', 'backup_policy'],
  },
  gauge('odoo_tenant_created_timestamp_seconds', 'When the tenant was asked for.', ({ tenant }) =>
    known(seconds(tenant.metadata.creationTimestamp)),
  ),
  {
    ...gauge(
      'odoo_tenant_condition',
      'Conditions of the tenant: 1 is True, 0 is False; Unknown has no series.',
      ({ tenant }) =>
        conditionsTold.flatMap((type) => {
          const status = findCondition(tenant.status?.conditions, type)?.status
          return status === 'True' || status === 'False'
            ? [{ value: status === 'True' ? 1 : 0, labels: { type } }]
            : []
        }),
    ),
    labels: ['type'],
  },
  gauge(
    'odoo_tenant_rpo_objective_seconds',
    'The newest recovery point is never to be older (spec.rpo of its policy).',
    ({ policy }) => known(durationSeconds(policy?.spec.rpo)),
  ),
  gauge(
    'odoo_tenant_rto_objective_seconds',
    'A restore is to take no longer (spec.rto of its policy).',
    ({ policy }) => known(durationSeconds(policy?.spec.rto)),
  ),
  gauge(
    'odoo_tenant_drill_interval_seconds',
    'So often a point is to be proved by a restore (spec.drill.every of its policy).',
    ({ policy }) => known(durationSeconds(policy?.spec.drill?.every)),
  ),
  gauge(
    'odoo_tenant_recovery_point_newest_timestamp_seconds',
    'Instant of the data of the newest complete point.',
    ({ tenant }) => known(seconds(tenant.status?.backup?.newest)),
  ),
  gauge(
    'odoo_tenant_recovery_point_oldest_timestamp_seconds',
    'Instant of the data of the oldest complete point.',
    ({ tenant }) => known(seconds(tenant.status?.backup?.oldest)),
  ),
  gauge(
    'odoo_tenant_recovery_point_verified_newest_timestamp_seconds',
    'Instant of the data of the newest point that a restore has proved.',
    ({ tenant }) => known(seconds(tenant.status?.backup?.newestVerified)),
  ),
  gauge('odoo_tenant_recovery_points', 'Complete points in the store.', ({ tenant }) =>
    known(tenant.status?.backup?.points),
  ),
  {
    ...gauge(
      'odoo_tenant_backups',
      'TenantBackups that exist, by result; retention takes them away.',
      ({ policy, ...numbers }) =>
        policy || numbers.succeeded + numbers.failed > 0
          ? [
              { value: numbers.succeeded, labels: { result: 'Succeeded' } },
              { value: numbers.failed, labels: { result: 'Failed' } },
            ]
          : [],
    ),
    labels: ['result'],
  },
  gauge('odoo_tenant_backup_last_success', 'Whether the backup that ended last succeeded.', ({ lastEnded }) =>
    truth(lastEnded && succeeded(lastEnded)),
  ),
  gauge(
    'odoo_tenant_backup_next_run_timestamp_seconds',
    'When the next scheduled backup begins.',
    ({ tenant }) => known(seconds(tenant.status?.backup?.nextRunTime)),
  ),
  gauge(
    'odoo_tenant_backup_expected_interval_seconds',
    'Longest time between two runs of its schedule.',
    ({ policy }, now) =>
      policy === undefined || policy.spec.suspended === true
        ? []
        : known(scheduleInterval(policy.spec.schedule, policy.spec.timeZone, now)),
  ),
  {
    ...gauge(
      'odoo_tenant_backup_missed_runs_total',
      'Runs of the schedule that could not begin in time, as the status counts them.',
      ({ tenant }) => (tenant.status?.backup ? known(tenant.status.backup.missedRuns ?? 0) : []),
    ),
    type: 'counter',
  },
  gauge(
    'odoo_tenant_backup_last_duration_seconds',
    'How long the newest good backup took.',
    ({ lastGood }) => {
      const began = seconds(lastGood?.status?.startedAt)
      const done = seconds(lastGood?.status?.completedAt)
      return known(began === undefined || done === undefined ? undefined : done - began)
    },
  ),
  gauge('odoo_tenant_backup_last_bytes', 'Bytes of dump and files of the newest good backup.', (numbers) =>
    known(numbers.lastGood?.status?.bytesTotal),
  ),
  gauge(
    'odoo_tenant_backup_last_added_bytes',
    'Bytes that the newest good backup added to the store.',
    ({ lastGood }) => known(lastGood?.status?.bytesAdded),
  ),
  gauge(
    'odoo_tenant_backup_repository_bytes',
    'Bytes that its points take in the store, as the last check of its repository found them.',
    ({ tenant }) => known(tenant.status?.backup?.repository?.bytes),
  ),
  gauge('odoo_tenant_drill_last_timestamp_seconds', 'When the last drill ended.', ({ tenant, lastDrill }) =>
    known(seconds(lastDrill?.status?.completedAt) ?? seconds(tenant.status?.backup?.lastDrillTime)),
  ),
  gauge(
    'odoo_tenant_drill_last_success',
    'Whether the drill that ended last passed; 0 also while its repository is known to be damaged.',
    ({ tenant, lastDrill }) => {
      const damaged = tenant.status?.backup?.repository?.result === 'Failed'
      return truth(damaged ? false : lastDrill && succeeded(lastDrill))
    },
  ),
  {
    ...gauge(
      'odoo_tenant_restore_last_duration_seconds',
      'Where the time of the last good drill or recovery went; total is the measured RTO.',
      ({ tenant, lastMeasured }) => {
        const split: Partial<Record<(typeof restorePhases)[number], number | undefined>> = lastMeasured
          ?.status?.seconds ?? { total: tenant.status?.backup?.restoreSeconds }
        return restorePhases.flatMap((phase) => {
          const value = split[phase]
          return value === undefined ? [] : [{ value, labels: { phase } }]
        })
      },
    ),
    labels: ['phase'],
  },
]
