/** What is said to the stores of a BackupPolicy. */
import type { AdmissionCase } from '../admission-cases.ts'

const s3 = { endpoint: 'https://s3.example.com', bucket: 'points', credentialsSecret: 'store' }
const rest = { url: 'https://rest.example.com:8000', credentialsSecret: 'rest' }
const volume = { driver: 'nfs.csi.k8s.io', attributes: { server: 'nas', share: '/points' } }

export const storeCases: readonly AdmissionCase[] = [
  ['a REST server', { 'spec.store': { rest } }, []],
  [
    'a REST server that only takes in, and another address for retention',
    {
      'spec.store': {
        rest: {
          ...rest,
          pruneUrl: 'https://rest.example.com:8001',
          pruneCredentialsSecret: 'pruner',
          prefix: 'odoo',
          caSecret: 'ca',
        },
      },
    },
    [],
  ],
  ['a volume', { 'spec.store': { volume: { ...volume, prefix: 'tenantops/eu' } } }, []],
  [
    'no store',
    { 'spec.store': {} },
    ['spec.store: Invalid value: spec.store must be exactly one store: keep one of s3, rest and volume.'],
  ],
  [
    'two stores',
    { 'spec.store': { s3, rest } },
    ['spec.store: Invalid value: spec.store must be exactly one store: keep one of s3, rest and volume.'],
  ],
  [
    'a REST server with a path',
    { 'spec.store': { rest: { ...rest, url: 'rest:https://rest.example.com/odoo' } } },
    [
      'spec.store.rest.url: Invalid value: "rest:https://rest.example.com/odoo": spec.store.rest.url must be the address of the REST server without a path: write it like https://rest.example.com:8000.',
    ],
  ],
  [
    'an address for retention without a scheme',
    { 'spec.store': { rest: { ...rest, pruneUrl: 'rest.example.com:8001' } } },
    [
      'spec.store.rest.pruneUrl: Invalid value: "rest.example.com:8001": spec.store.rest.pruneUrl must be the address of the REST server without a path: write it like https://rest.example.com:8000.',
    ],
  ],
  [
    'folders that a REST server does not know',
    { 'spec.store': { rest: { ...rest, prefix: 'odoo/eu' } } },
    [
      'spec.store.rest.prefix: Invalid value: "odoo/eu": spec.store.rest.prefix must be the name of one folder, since a REST server knows no deeper ones: write it like odoo.',
    ],
  ],
  [
    'a folder that is a part of a repository',
    { 'spec.store': { rest: { ...rest, prefix: 'data' } } },
    [
      'spec.store.rest.prefix: Invalid value: "data": spec.store.rest.prefix must not be the name of a part of a repository: choose another one.',
    ],
  ],
  [
    'a volume that is not said',
    { 'spec.store': { volume: { ...volume, attributes: {} } } },
    [
      'spec.store.volume.attributes: Invalid value: spec.store.volume.attributes must say which volume it is: for nfs.csi.k8s.io write server and share.',
    ],
  ],
  [
    'a driver that is none',
    { 'spec.store': { volume: { ...volume, driver: 'NFS' } } },
    [
      "spec.store.volume.driver: Invalid value: \"NFS\": spec.store.volume.driver must be the name of a CSI driver that mounts volumes named in pods: use lower-case letters, digits, '-' and '.'.",
    ],
  ],
  [
    'a folder above the volume',
    { 'spec.store': { volume: { ...volume, prefix: '../other' } } },
    [
      'spec.store.volume.prefix: Invalid value: "../other": spec.store.volume.prefix must be folder names with \'/\' between them: write it like tenantops/eu.',
    ],
  ],
]
