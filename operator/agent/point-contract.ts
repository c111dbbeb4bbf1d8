/**
 * What the Jobs of backups and restores have in common: names shared by their manifests and the agent. The contract of each
 * command is a file of its own (`back-up-contract.ts`, …). Each command takes its spec as one argument, JSON without any
 * secret, and leaves one JSON object in the termination message (≤ 4096 bytes). Exit codes are those of the agent's main.ts:
 * 0 is a verdict, 1 is worth a retry, 2 is a wrong Job.
 */

/** Where what a Job mounts lies; overridable by environment for tests only. */
export const pointPaths = {
  /** Password of the tenant's login (key `password`) and CA certificate of PostgreSQL (`ca.crt`). */
  database: '/etc/tenantops/database',
  /** `key`: password of the tenant's repository. `escrow`: the second one, which opens every repository of the policy. */
  keys: '/etc/tenantops/keys',
  /** What the store asks for, one file per key: of S3 `accessKeyId` and `secretAccessKey`, of a REST server `username` and `password`, and `ca.crt` of either. */
  store: '/etc/tenantops/store',
  /** A store that is a volume. */
  volume: '/var/lib/tenantops/store',
  /** What is needed to bring the tenant back beside database and files, one file per key: goes into the point. */
  secrets: '/etc/tenantops/secrets',
  /** `points.json`: the points that the cluster believes to be in a repository that is checked. */
  catalogue: '/etc/tenantops/catalogue',
  /** Odoo's data_dir: `filestore/<database>` below it. */
  data: '/var/lib/odoo',
  /** Room for dumps and restic's cache; empty at the start of a pod. */
  scratch: '/scratch',
  result: '/dev/termination-log',
} as const

/** A restic repository: one per tenant. `path`: below bucket, server or volume, without slashes at its ends. */
export type RepositorySpec = (
  | {
      readonly kind: 's3'
      /** `https://s3.example.com`, without path. */
      readonly endpoint: string
      readonly bucket: string
      /** `<prefix>/<namespace>/<name>` */
      readonly path: string
      readonly region?: string
    }
  | {
      readonly kind: 'rest'
      /** `https://rest.example.com:8000`, without path. */
      readonly url: string
      /** `<prefix>/<namespace>.<name>` */
      readonly path: string
    }
  | {
      readonly kind: 'volume'
      /** `<prefix>/<namespace>/<name>` */
      readonly path: string
    }
) & {
  /** True when whoever worked on it before is surely gone: the locks it may have left are taken away first. */
  readonly formerHolderGone?: boolean
}

export interface TenantSpec {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export interface DatabaseSpec {
  readonly database: string
  /** Login role; its default role is the owner of every object. */
  readonly login: string
  readonly owner: string
  readonly host: string
  readonly port: number
  readonly sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
}
