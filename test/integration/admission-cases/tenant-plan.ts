/** What is said to TenantPlan manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

export const tenantPlanCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  [
    'the least there can be',
    {
      spec: {
        web: { resources: { requests: { cpu: '100m', memory: '256Mi' } } },
        filestore: { size: '1Gi' },
      },
    },
    [],
  ],
  [
    'whole numbers without quotes',
    {
      'spec.web.resources': {
        requests: { cpu: 1, memory: 1073741824 },
        limits: { cpu: 2, memory: 2147483648 },
      },
    },
    [],
  ],
  [
    'a name with an underscore',
    { 'metadata.name': 'big_plan' },
    [
      "metadata.name: Invalid value: \"big_plan\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "metadata.name: Invalid value: metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
    ],
  ],
  [
    'shared tenancy',
    { 'spec.tenancy': 'Shared' },
    [
      'spec.tenancy: Invalid value: "Shared": spec.tenancy Shared is not served by this version: choose Dedicated, which gives each tenant pods of its own.',
    ],
  ],
  [
    'a tenancy that is none',
    { 'spec.tenancy': 'Pool' },
    ['spec.tenancy: Unsupported value: "Pool": supported values: "Dedicated", "Shared"'],
  ],
  ['20 replicas', { 'spec.web.replicas': 20 }, []],
  [
    'no replica',
    { 'spec.web.replicas': 0 },
    [
      'spec.web.replicas: Invalid value: 0: spec.web.replicas must be from 1 to 20: to stop a tenant, set its spec.suspended instead.',
    ],
  ],
  [
    '21 replicas',
    { 'spec.web.replicas': 21 },
    [
      'spec.web.replicas: Invalid value: 21: spec.web.replicas must be from 1 to 20: to stop a tenant, set its spec.suspended instead.',
    ],
  ],
  [
    'a negative number of workers',
    { 'spec.web.workers': -1 },
    [
      'spec.web.workers: Invalid value: -1: spec.web.workers must be from 0 to 64: choose 0 for threads in one process.',
    ],
  ],
  ['no resources', { 'spec.web.resources': undefined }, ['spec.web.resources: Required value']],
  [
    'no memory request',
    { 'spec.web.resources.requests.memory': undefined },
    ['spec.web.resources.requests.memory: Required value'],
  ],
  [
    'CPU that is no quantity',
    { 'spec.web.resources.requests.cpu': 'half' },
    [
      'spec.web.resources.requests.cpu: Invalid value: "half": spec.web.resources.requests.cpu must be a quantity: write it like 250m or 1.',
    ],
  ],
  [
    'no CPU at all',
    { 'spec.web.resources.requests.cpu': '0' },
    [
      'spec.web.resources.requests.cpu: Invalid value: "0": spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
    ],
  ],
  [
    'CPU too little to be any',
    { 'spec.web.resources.requests.cpu': '1e-99999' },
    [
      'spec.web.resources.requests.cpu: Invalid value: "1e-99999": spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
    ],
  ],
  [
    'CPU without its m',
    { 'spec.web.resources.requests.cpu': 250 },
    [
      'spec.web.resources.requests.cpu: Invalid value: 250: spec.web.resources.requests.cpu must be from 1m to 128 cores: write 250m for a quarter of a core.',
    ],
  ],
  [
    'CPU as a fraction without quotes',
    { 'spec.web.resources.requests.cpu': 0.5 },
    [
      'spec.web.resources.requests.cpu: Invalid value: "number": spec.web.resources.requests.cpu in body must be of type integer,string: "number"',
    ],
  ],
  [
    'memory in GB',
    { 'spec.web.resources.limits.memory': '1GB' },
    [
      'spec.web.resources.limits.memory: Invalid value: "1GB": spec.web.resources.limits.memory must be a quantity: write it like 1Gi or 4Gi.',
    ],
  ],
  [
    'memory without its unit',
    { 'spec.web.resources.requests.memory': 512 },
    [
      'spec.web.resources.requests.memory: Invalid value: 512: spec.web.resources.requests.memory must be from 64Mi to 1Pi: write it with its unit, like 512Mi or 2Gi.',
    ],
  ],
  [
    'a memory limit below the request',
    { 'spec.web.resources.limits.memory': '256Mi' },
    [
      'spec.web.resources.limits.memory: Invalid value: spec.web.resources.limits.memory must not be below spec.web.resources.requests.memory: raise the limit or lower the request.',
    ],
  ],
  [
    'a CPU limit below the request, in other units',
    { 'spec.web.resources.limits.cpu': '0.2' },
    [
      'spec.web.resources.limits.cpu: Invalid value: spec.web.resources.limits.cpu must not be below spec.web.resources.requests.cpu: raise the limit or lower the request.',
    ],
  ],
  ['a CPU limit equal to the request, in other units', { 'spec.web.resources.limits.cpu': '0.25' }, []],
  [
    'a cron limit below the request',
    { 'spec.cron.resources.limits.memory': '128Mi' },
    [
      'spec.cron.resources.limits.memory: Invalid value: spec.cron.resources.limits.memory must not be below spec.cron.resources.requests.memory: raise the limit or lower the request.',
    ],
  ],
  [
    'a negative filestore',
    { 'spec.filestore.size': '-5Gi' },
    [
      'spec.filestore.size: Invalid value: "-5Gi": spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
    ],
  ],
  [
    'a filestore greater than any disk',
    { 'spec.filestore.size': '1e99999' },
    [
      'spec.filestore.size: Invalid value: "1e99999": spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
    ],
  ],
  [
    'a filestore without its unit',
    { 'spec.filestore.size': 10 },
    [
      'spec.filestore.size: Invalid value: 10: spec.filestore.size must be from 16Mi to 1Pi: write it with its unit, like 10Gi.',
    ],
  ],
  [
    'one connection',
    { 'spec.database.connections': 1 },
    [
      'spec.database.connections: Invalid value: 1: spec.database.connections must be from 2 to 1000: one process of Odoo needs at least 2.',
    ],
  ],
]
