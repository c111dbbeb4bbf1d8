/**
 * How a restic process is told which repository, which key and which credentials: by files and by its own environment,
 * never by arguments, which every process of the machine can read. Pure.
 */
import { join } from 'node:path'
import type { RepositorySpec } from '../agent/recovery-point.ts'

/** What a restic process works with. */
export interface ResticPlace {
  readonly repository: RepositorySpec
  /** File with the key, nothing else in it. */
  readonly keyFile: string
  readonly store: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** CA certificate of the store's own. */
  readonly caFile?: string
  /** Folder for the cache and for temporary files. */
  readonly scratch: string
}

/** As `restic` names it, and as it stands in sentences: without any secret. */
export function repositoryAddress({ endpoint, bucket, path }: RepositorySpec): string {
  return `s3:${endpoint}/${[bucket, ...path.split('/').filter((part) => part !== '')].join('/')}`
}

/** The whole environment; `path` is the PATH, in which a command for standard input is found as well. */
export function resticEnvironment(place: ResticPlace, path: string): Readonly<Record<string, string>> {
  const { repository, keyFile, store, caFile, scratch } = place
  return {
    PATH: path,
    HOME: scratch,
    // Sentences of pg_dump and the C library are matched: in one language.
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: join(scratch, 'tmp'),
    RESTIC_CACHE_DIR: join(scratch, 'cache'),
    RESTIC_REPOSITORY: repositoryAddress(repository),
    RESTIC_PASSWORD_FILE: keyFile,
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    ...(repository.region === undefined ? {} : { AWS_DEFAULT_REGION: repository.region }),
    ...(caFile === undefined ? {} : { RESTIC_CACERT: caFile }),
  }
}
