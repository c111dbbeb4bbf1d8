/** What is said to BackupPolicy, TenantBackup and TenantRestore manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

export const backupPolicyCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  [
    'a schedule with seconds',
    { 'spec.schedule': '0 30 2 * * *' },
    [
      'spec.schedule: Invalid value: "0 30 2 * * *": spec.schedule must have the five fields of cron: minute, hour, day of month, month and day of week, such as "30 2 * * *".',
    ],
  ],
  [
    'an offset in place of a time zone',
    { 'spec.timeZone': '+02:00' },
    [
      'spec.timeZone: Invalid value: "+02:00": spec.timeZone must be a time zone of the IANA database: write it like Europe/Brussels.',
    ],
  ],
  [
    'a retention that keeps nothing',
    { 'spec.retention': { minimumCount: 3, daily: 0 } },
    [
      'spec.retention: Invalid value: spec.retention must keep something: set one of last, daily, weekly, monthly and yearly, such as daily: 7.',
    ],
  ],
  [
    'an address in place of a network',
    { 'spec.store.s3.cidr': '10.20.0.1' },
    [
      'spec.store.s3.cidr: Invalid value: "10.20.0.1": spec.store.s3.cidr must be a network in CIDR form: write it like 10.20.0.0/24.',
    ],
  ],
  [
    'a namespace that is none',
    { 'spec.store.s3.namespace': 'The Store' },
    [
      "spec.store.s3.namespace: Invalid value: \"The Store\": spec.store.s3.namespace must be the name of the namespace of the S3 server's pods: use lower-case letters, digits, '-' and '.'.",
    ],
  ],
  [
    'a compound duration',
    { 'spec.rpo': '1h30m' },
    [
      'spec.rpo: Invalid value: "1h30m": spec.rpo must be one number with the unit s, m, h or d, up to ten years: write it like 24h.',
    ],
  ],
]

export const tenantBackupCases: readonly AdmissionCase[] = [['the example', {}, []]]

export const tenantRestoreCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  [
    'a point named in two ways',
    { 'spec.source': { backup: 'shop1-1', newest: 'Any' } },
    [
      'spec.source: Invalid value: spec.source must name the point in exactly one way: keep one of backup, before and newest.',
    ],
  ],
  [
    'a point named in no way',
    { 'spec.source': {} },
    [
      'spec.source: Invalid value: spec.source must name the point in exactly one way: keep one of backup, before and newest.',
    ],
  ],
  [
    'a clone of itself',
    { 'spec.purpose': 'Clone' },
    [
      'spec.source.tenant: Invalid value: spec.source.tenant must be another tenant when purpose is Clone, and spec.tenant itself or absent otherwise: correct it, or choose the other purpose.',
    ],
  ],
]
