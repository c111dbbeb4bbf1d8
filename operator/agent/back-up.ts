/**
 * `agent back-up`: one recovery point. The files first, then the dump, both of one instant that is held all the time: the
 * snapshot of the dump is the very last step, and says that the point is complete. A pod that was killed anywhere is followed
 * by another, which finds the point whole or takes away what is left of it and begins anew.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupSummary } from '../restic/answers.ts'
import { ResticError } from '../restic/fault.ts'
import type { BackUpProblem, BackUpResult, BackUpSpec } from './back-up-contract.ts'
import { holdPoint } from './consistent-point.ts'
import { digestOf, earlierAttempt } from './earlier-attempt.ts'
import { lookForFiles } from './filestore.ts'
import { readContent, readNamedFiles } from './manifest.ts'
import { type PointJob, withDatabase } from './point-job.ts'
import type { PointManifest } from './point-manifest.ts'
import { databaseEnvironment, type PointPaths, repositoryPlaces } from './point-paths.ts'
import { databaseTags, filesTags } from './point-tags.ts'
import { majorOf, versionOf } from './program.ts'
import { openRepository, type Repository } from './repository.ts'
import { answering, namedSome, Verdict } from './verdict.ts'

/** The one file of the database's snapshot. */
export const dumpFile = 'database.dump'

/** Throws for faults worth a retry. */
export function backUp(spec: BackUpSpec, job: PointJob): Promise<BackUpResult> {
  return answering<BackUpResult, BackUpProblem>(() => makePoint(spec, job), {
    'wrong-key': 'WrongKey',
    partial: 'FilesUnreadable',
    damaged: 'RepositoryDamaged',
    'pack-missing': 'RepositoryDamaged',
    'data-corrupt': 'RepositoryDamaged',
  })
}

async function makePoint(spec: BackUpSpec, job: PointJob): Promise<BackUpResult> {
  const { paths, path, signal } = job
  const { tenant, point } = spec
  const began = performance.now()
  const dumpVersion = await versionOf('pg_dump', { path, signal, environment: {} })
  const places = repositoryPlaces(spec.repository, paths)
  const repository = await openRepository(places, { path, signal }, { write: true })
  const earlier = await earlierAttempt(spec, repository, paths.scratch)
  if (earlier !== undefined) return earlier

  const hold = (work: Parameters<typeof holdPoint<BackUpResult>>[2]) =>
    withDatabase(spec.database, job, (sessions, entrance) => holdPoint(sessions, entrance, work))
  return hold(async (held) => {
    const content = await readContent(held.rows)
    refuseOldDump(content.server.version, dumpVersion)
    const filestore = join(paths.data, 'filestore', spec.database.database)
    const files = await lookForFiles(filestore, await readNamedFiles(held.rows))
    if (spec.missingFiles === 'Fail' && files.missing.length > 0) throw filesMissing(files.missing)
    const manifest: PointManifest = {
      format: 1,
      point,
      tenant,
      recoveryPointTime: held.time,
      odoo: spec.odoo,
      dumpVersion,
      database: spec.database.database,
      ...content,
      ...files,
    }
    const text = JSON.stringify(manifest)

    const copying = performance.now()
    const stored = await repository.backUpFiles(
      filesTags(point, tenant, held.time),
      [...(await folders(filestore)), ...(await layOut(text, paths))],
      { reread: spec.reread },
    )
    await assertWhole(repository, stored, filestore, files.files)
    await held.letFilesGo()
    const dumping = performance.now()
    const database = await dump(spec, job, repository, held, stored.snapshot)
    const ended = performance.now()
    return {
      ok: true,
      recoveryPointTime: held.time,
      snapshots: { database: database.snapshot, files: stored.snapshot },
      manifestDigest: digestOf(text),
      bytesTotal: database.bytes + stored.bytes,
      bytesAdded: database.bytesAdded + stored.bytesAdded,
      files: Object.keys(files.files).length,
      missingFiles: files.missing.length,
      serverVersion: content.server.version,
      dumpVersion,
      seconds: {
        database: seconds(ended - dumping),
        files: seconds(dumping - copying),
        total: seconds(ended - began),
      },
    }
  })
}

/** Uncompressed, so that restic finds what did not change. */
async function dump(
  spec: BackUpSpec,
  { paths }: PointJob,
  repository: Repository,
  held: { readonly snapshot: string; readonly time: string },
  files: string,
): Promise<BackupSummary> {
  const command = ['pg_dump', '--format=custom', '--compress=0', `--snapshot=${held.snapshot}`]
  const role = [`--role=${spec.database.owner}`, '--no-password']
  try {
    return await repository.backUpOutput(
      databaseTags(spec.point, spec.tenant, held.time, files),
      dumpFile,
      [...command, ...role],
      databaseEnvironment(spec.database, paths),
    )
  } catch (error) {
    if (error instanceof ResticError && error.kind === 'command-failed' && !isPassing(error.said))
      throw new Verdict(
        'DumpFailed' satisfies BackUpProblem,
        `pg_dump could not read database ${spec.database.database}: ${error.message}; look at the log of the PostgreSQL server`,
      )
    throw error
  }
}

/** In the words of pg_dump: the server went away, or was busy, and another time it works. */
function isPassing(said: readonly string[]): boolean {
  const passing =
    /connection|terminat|starting up|shutting down|recovery mode|timeout|too many clients|snapshot|deadlock|out of memory|No space left/i
  return said.some((line) => line.startsWith('subprocess ') && passing.test(line))
}

function refuseOldDump(server: string, dumpVersion: string): void {
  if (majorOf(dumpVersion) >= majorOf(server)) return
  throw new Verdict(
    'DumpTooOld' satisfies BackUpProblem,
    `pg_dump ${dumpVersion} cannot dump PostgreSQL ${server}; use an operator whose image has a newer pg_dump`,
  )
}

function filesMissing(names: readonly string[]): Verdict<BackUpProblem> {
  return new Verdict(
    'FilesMissing',
    `the filestore lacks ${names.length} of the files that the database names (${namedSome(names)}); bring them back, delete their attachments in Odoo, or set missingFiles: Accept in the BackupPolicy`,
  )
}

/** Every file that the database names, in its full size: else it is no point. */
async function assertWhole(
  repository: Repository,
  { snapshot }: BackupSummary,
  filestore: string,
  files: PointManifest['files'],
): Promise<void> {
  const names = Object.keys(files)
  if (names.length === 0) return
  const stored = await repository.list(snapshot, filestore)
  const lacking = names.filter((name) => stored.get(name) !== files[name])
  if (lacking.length === 0) return
  throw new Error(
    `${lacking.length} files were there when the point began and are not whole in its snapshot (${namedSome(lacking)}); look for what else writes to the volume`,
  )
}

/** Manifest and secrets as files beside the filestore; a mounted Secret is links, which restic would store as such. */
async function layOut(manifest: string, { scratch, secrets }: PointPaths): Promise<readonly string[]> {
  const folder = join(scratch, 'point')
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'manifest.json'), manifest, { mode: 0o600 })
  for (const name of await namesIn(secrets))
    await writeFile(join(folder, 'secrets', name), await readFile(join(secrets, name)), { mode: 0o600 })
  return [join(folder, 'manifest.json'), join(folder, 'secrets')]
}

async function namesIn(folder: string): Promise<readonly string[]> {
  if ((await folders(folder)).length === 0) return []
  return (await readdir(folder)).filter((name) => !name.startsWith('..'))
}

/** The folder, when it is there: a tenant that has just been cloned has no filestore yet. */
async function folders(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ? [path] : []
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10
