/** What is said to BackupPolicy, TenantBackup and TenantRestore manifests. */
import type { AdmissionCase } from '../admission-cases.ts'
import { storeCases } from './stores.ts'

export const backupPolicyCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  ...storeCases,
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
    'a look at the repository without a unit',
    { 'spec.drill': { every: '30d', repositoryEvery: '7' } },
    [
      'spec.drill.repositoryEvery: Invalid value: "7": spec.drill.repositoryEvery must be one number with the unit s, m, h or d, up to ten years: write it like 7d.',
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
      'spec.source: Invalid value: spec.source must name the point in exactly one way: keep one of backup, before, newest and zip.',
    ],
  ],
  [
    'a point named in no way',
    { 'spec.source': {} },
    [
      'spec.source: Invalid value: spec.source must name the point in exactly one way: keep one of backup, before, newest and zip.',
    ],
  ],
  [
    'a look at the repository of one point',
    { 'spec.purpose': 'Drill', 'spec.level': 'Repository', 'spec.source': { backup: 'shop1-1' } },
    [
      'spec.source: Invalid value: spec.source must be newest: InStore when spec.level is Repository, which looks at all points in the store: correct it, or choose the level Data or Boot.',
    ],
  ],
  [
    'a look at the repository',
    { 'spec.purpose': 'Drill', 'spec.level': 'Repository', 'spec.source': { newest: 'InStore' } },
    [],
  ],
  [
    'a clone of itself',
    { 'spec.purpose': 'Clone' },
    [
      'spec.source.tenant: Invalid value: spec.source.tenant must be another tenant when purpose is Clone, and spec.tenant itself or absent otherwise: correct it, or choose the other purpose.',
    ],
  ],
  [
    'an import without a zip',
    { 'spec.purpose': 'Import' },
    [
      'spec.source: Invalid value: spec.source must be zip when spec.purpose is Import, and a point of a tenant otherwise: correct it, or choose the other purpose.',
    ],
  ],
  [
    'a recovery from a zip',
    { 'spec.source': { zip: { key: '_imports/acme/shop1.zip', as: 'Moved' } } },
    [
      'spec.source: Invalid value: spec.source must be zip when spec.purpose is Import, and a point of a tenant otherwise: correct it, or choose the other purpose.',
    ],
  ],
  [
    'an import from a key that climbs',
    {
      'spec.purpose': 'Import',
      'spec.source': { zip: { key: '_imports/acme/../globex/shop1.zip', as: 'Moved' } },
    },
    [
      "spec.source.zip.key: Invalid value: \"_imports/acme/../globex/shop1.zip\": spec.source.zip.key must be the key of a zip in the bucket of the policy: use names of letters, digits, '.', '_' and '-' with '/' between them, such as _imports/acme/shop1.zip.",
    ],
  ],
  [
    'an import that does not say whether the original lives on',
    { 'spec.purpose': 'Import', 'spec.source': { zip: { key: '_imports/acme/shop1.zip' } } },
    ['spec.source.zip.as: Required value'],
  ],
  [
    'an import of a zip with half a checksum',
    {
      'spec.purpose': 'Import',
      'spec.source': { zip: { key: '_imports/acme/shop1.zip', as: 'Copy', sha256: 'abc' } },
    },
    [
      'spec.source.zip.sha256: Invalid value: "abc": spec.source.zip.sha256 must be 64 digits from 0 to 9 and a to f.',
    ],
  ],
  ['an export of a tenant that is gone', { 'spec.purpose': 'Export', 'spec.source.tenant': 'gone' }, []],
  [
    'an export that keeps what it does not replace',
    { 'spec.purpose': 'Export', 'spec.keepFormer': '1h' },
    [
      'spec.keepFormer: Invalid value: spec.keepFormer is not of a Drill or an Export, which replace nothing: remove it.',
    ],
  ],
]
