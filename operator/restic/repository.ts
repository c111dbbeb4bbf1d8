/**
 * How a restic process is told which repository, which key and which credentials: by files and by its own environment,
 * never by arguments, which every process of the machine can read. Pure.
 */
import { join } from 'node:path'
import type { RepositorySpec } from '../agent/point-contract.ts'

/** What a restic process works with. */
export interface ResticPlace {
  readonly repository: RepositorySpec
  /** File with the key, nothing else in it. */
  readonly keyFile: string
  /** What the store asks for, by the names of the mounted files. */
  readonly store: StoreCredentials
  /** Where a store that is a volume is mounted. */
  readonly volume: string
  /** CA certificate of the store's own. */
  readonly caFile?: string
  /** Folder for the cache and for temporary files. */
  readonly scratch: string
}

export type StoreCredentials = Readonly<Record<string, string>>

/** Names of the files with credentials. */
export function credentialFiles({ kind }: Pick<RepositorySpec, 'kind'>): readonly string[] {
  return Object.keys(environmentNames(kind))
}

/** File with a credential → variable of restic's environment. */
function environmentNames(kind: RepositorySpec['kind']): Readonly<Record<string, string>> {
  switch (kind) {
    case 's3':
      return { accessKeyId: 'AWS_ACCESS_KEY_ID', secretAccessKey: 'AWS_SECRET_ACCESS_KEY' }
    case 'rest':
      return { username: 'RESTIC_REST_USERNAME', password: 'RESTIC_REST_PASSWORD' }
    case 'volume':
      return {}
  }
}

/** As it stands in sentences and in statuses: without any secret. What `restic -r` takes, but for a volume. */
export function repositoryAddress(repository: RepositorySpec): string {
  const path = repository.path.split('/').filter((part) => part !== '')
  switch (repository.kind) {
    case 's3':
      return `s3:${repository.endpoint}/${[repository.bucket, ...path].join('/')}`
    case 'rest':
      return `rest:${repository.url}/${path.join('/')}/`
    case 'volume':
      return `volume:${path.join('/')}`
  }
}

/** The whole environment; `path` is the PATH, in which a command for standard input is found as well. */
export function resticEnvironment(place: ResticPlace, path: string): Readonly<Record<string, string>> {
  const { repository, keyFile, store, volume, caFile, scratch } = place
  const credentials = Object.entries(environmentNames(repository.kind)).map(([file, name]) => [
    name,
    store[file] ?? '',
  ])
  return {
    PATH: path,
    HOME: scratch,
    // Sentences of pg_dump and the C library are matched: in one language.
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: join(scratch, 'tmp'),
    RESTIC_CACHE_DIR: join(scratch, 'cache'),
    RESTIC_REPOSITORY:
      repository.kind === 'volume' ? join(volume, repository.path) : repositoryAddress(repository),
    RESTIC_PASSWORD_FILE: keyFile,
    ...(Object.fromEntries(credentials) as Readonly<Record<string, string>>),
    ...(repository.kind === 's3' && repository.region !== undefined
      ? { AWS_DEFAULT_REGION: repository.region }
      : {}),
    ...(caFile === undefined ? {} : { RESTIC_CACERT: caFile }),
  }
}
