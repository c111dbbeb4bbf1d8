/**
 * Where a BackupPolicy keeps its recovery points: exactly one of a bucket of an S3 server, a REST server of restic, and a
 * volume that a CSI driver mounts into any pod.
 */
import { z } from 'zod'
import { cel, matches } from '../cel.ts'
import { objectName, secretName } from '../names.ts'

const HOST = '^https?://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?$'

/** Where in the network a server is, and how its certificate is known: the same for each kind of server. */
const serverFields = (field: string, server: string, example: string) => ({
  namespace: objectName(`${field}.namespace`, `the namespace of the ${server}'s pods`)
    .describe(
      `Namespace of the ${server}'s pods, when it runs in this cluster: Jobs of backups may then reach no other. Default: the one in an address such as ${example}.`,
    )
    .optional(),
  cidr: cel(z.string().max(64), {
    rule: 'isCIDR(self)',
    message: `${field}.cidr must be a network in CIDR form: write it like 10.20.0.0/24.`,
  })
    .describe(
      `Network of the ${server}, when it runs elsewhere: Jobs of backups may then reach no other on its port.`,
    )
    .optional(),
  caSecret: secretName(
    `${field}.caSecret`,
    "the server's CA certificate under the key ca.crt: also of a CA that signed itself",
  ).optional(),
})

const s3Schema = z.object({
  endpoint: cel(
    z.string().max(300),
    matches(
      HOST,
      'spec.store.s3.endpoint must be the address of the S3 server without a path: write it like https://s3.example.com.',
    ),
  ).describe('Address of the S3 server, as pods reach it.'),
  bucket: cel(
    z.string().max(63),
    matches(
      '^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$',
      "spec.store.s3.bucket must be the name of a bucket: use 3 to 63 lower-case letters, digits, '-' and '.'.",
    ),
  ).describe('Bucket that exists already.'),
  prefix: cel(
    z.string().max(200),
    matches(
      '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$',
      "spec.store.s3.prefix must be folder names with '/' between them: write it like tenantops/eu.",
    ),
  )
    .describe(
      'Folder in the bucket; below it each tenant has its own, <namespace>/<name>. Default: the bucket itself.',
    )
    .optional(),
  region: cel(
    z.string().max(63),
    matches('^[a-z0-9-]+$', 'spec.store.s3.region must be the name of a region: write it like eu-west-1.'),
  )
    .describe('Region of the bucket, where the server asks for it.')
    .optional(),
  credentialsSecret: secretName(
    'spec.store.s3.credentialsSecret',
    'the keys accessKeyId and secretAccessKey',
  ),
  pruneCredentialsSecret: secretName(
    'spec.store.s3.pruneCredentialsSecret',
    'the keys accessKeyId and secretAccessKey of the one identity that may delete: with it, credentialsSecret needs to delete nothing but what is below locks/ of a repository, so that it cannot destroy what is stored. Default: credentialsSecret',
  ).optional(),
  ...serverFields('spec.store.s3', 'S3 server', 'http://s3.store.svc:7070'),
})

const url = (field: string) =>
  cel(
    z.string().max(300),
    matches(
      HOST,
      `${field} must be the address of the REST server without a path: write it like https://rest.example.com:8000.`,
    ),
  )

const restSchema = z.object({
  url: url('spec.store.rest.url').describe(
    'Address of the REST server, as pods reach it: best of one that runs with --append-only.',
  ),
  pruneUrl: url('spec.store.rest.pruneUrl')
    .describe(
      'Address of the same repositories without --append-only: used by the Jobs of retention alone. Default: url.',
    )
    .optional(),
  prefix: cel(
    z.string().max(100),
    matches(
      '^[A-Za-z0-9_-]+$',
      'spec.store.rest.prefix must be the name of one folder, since a REST server knows no deeper ones: write it like odoo.',
    ),
    {
      rule: "!(self in ['data', 'index', 'keys', 'locks', 'snapshots', 'config'])",
      message: 'spec.store.rest.prefix must not be the name of a part of a repository: choose another one.',
    },
  )
    .describe(
      'Folder on the server, with --private-repos the name of the user; below it each tenant has its own, <namespace>.<name>. Default: none.',
    )
    .optional(),
  credentialsSecret: secretName('spec.store.rest.credentialsSecret', 'the keys username and password'),
  pruneCredentialsSecret: secretName(
    'spec.store.rest.pruneCredentialsSecret',
    'the keys username and password for pruneUrl. Default: credentialsSecret',
  ).optional(),
  ...serverFields('spec.store.rest', 'REST server', 'http://rest.store.svc:8000'),
})

const volumeSchema = z.object({
  driver: objectName('spec.store.volume.driver', 'a CSI driver that mounts volumes named in pods').describe(
    'CSI driver that mounts a volume which a pod describes itself (volumeLifecycleModes: Ephemeral), such as nfs.csi.k8s.io.',
  ),
  attributes: cel(z.record(z.string(), z.string().max(500)).meta({ maxProperties: 20 }), {
    rule: 'size(self) > 0',
    message:
      'spec.store.volume.attributes must say which volume it is: for nfs.csi.k8s.io write server and share.',
  }).describe('What the driver is told of the volume, such as server and share for nfs.csi.k8s.io.'),
  prefix: cel(
    z.string().max(200),
    matches(
      '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$',
      "spec.store.volume.prefix must be folder names with '/' between them: write it like tenantops/eu.",
    ),
  )
    .describe(
      'Folder in the volume; below it each tenant has its own, <namespace>/<name>. Default: the volume itself.',
    )
    .optional(),
})

export const backupStoreSchema = cel(
  z.object({
    s3: s3Schema.describe('A bucket of an S3 server.').optional(),
    rest: restSchema.describe('A REST server of restic.').optional(),
    volume: volumeSchema
      .describe('A volume that every node reaches, such as an NFS share, by a CSI driver.')
      .optional(),
  }),
  {
    rule: '[has(self.s3), has(self.rest), has(self.volume)].filter(given, given).size() == 1',
    message: 'spec.store must be exactly one store: keep one of s3, rest and volume.',
  },
)
