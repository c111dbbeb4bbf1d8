/**
 * Where the mounts of a backup's Job are, and what of them every command reads. Credentials are read here and given to
 * restic and PostgreSQL only.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { credentialFiles, type ResticPlace } from '../restic/repository.ts'
import { type DatabaseSpec, pointPaths, type RepositorySpec } from './point-contract.ts'
import { WrongJob } from './wrong-job.ts'

export type PointPaths = { readonly [Name in keyof typeof pointPaths]: string }

/** `root`: for tests, a folder in which all of them lie. */
export function pointPathsBelow(root: string): PointPaths {
  const entries = Object.entries(pointPaths).map(([name, path]) => [name, join(root, path)])
  return Object.fromEntries(entries) as PointPaths
}

/** The two keys of a repository: `tenant` is the one to work with. */
export interface RepositoryPlaces {
  readonly tenant: ResticPlace
  readonly escrow: ResticPlace
}

export function repositoryPlaces(repository: RepositorySpec, paths: PointPaths): RepositoryPlaces {
  const inStore = (key: string) => readMounted(join(paths.store, key)).trim()
  const ca = join(paths.store, 'ca.crt')
  mkdirSync(join(paths.scratch, 'tmp'), { recursive: true })
  const place = {
    repository,
    store: Object.fromEntries(credentialFiles(repository).map((file) => [file, inStore(file)])),
    volume: paths.volume,
    ...(existsSync(ca) ? { caFile: ca } : {}),
    scratch: paths.scratch,
  }
  return {
    tenant: { ...place, keyFile: join(paths.keys, 'key') },
    escrow: { ...place, keyFile: join(paths.keys, 'escrow') },
  }
}

/** How the programs of PostgreSQL are told where to go: by environment alone. */
export function databaseEnvironment(
  { database, login, host, port, sslMode }: DatabaseSpec,
  paths: PointPaths,
): Readonly<Record<string, string>> {
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: login,
    PGDATABASE: database,
    PGPASSWORD: databasePassword(paths),
    PGSSLMODE: sslMode,
    PGCONNECT_TIMEOUT: '10',
    PGAPPNAME: 'tenantops',
    ...(verified ? { PGSSLROOTCERT: join(paths.database, 'ca.crt') } : {}),
  }
}

export const databasePassword = (paths: PointPaths): string =>
  readMounted(join(paths.database, 'password')).trim()

export function readMounted(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new WrongJob(
      `agent: cannot read ${path} (${error instanceof Error ? error.message : error}); the Job must mount it`,
    )
  }
}
