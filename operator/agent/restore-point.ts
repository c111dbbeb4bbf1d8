/**
 * `agent restore-point`: fetches a point, fills a database and a directory of files that nobody uses yet, and compares
 * both with the point's manifest; then, when asked, makes the copy harmless. Run again it begins anew.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rows } from '../postgres/session.ts'
import { dumpFile } from './back-up.ts'
import { compareContent, refuseMissingExtensions } from './check-point.ts'
import { choosePoint } from './choose-point.ts'
import { fetchManifest } from './earlier-attempt.ts'
import { findFileFault } from './filestore.ts'
import { emptyDatabase, fillDatabase } from './fill-database.ts'
import { readContent, readExtensions, readServer } from './manifest.ts'
import { neutraliseCopy } from './neutralise-copy.ts'
import { insideDatabase, type PointJob } from './point-job.ts'
import type { PointManifest } from './point-manifest.ts'
import { databaseEnvironment, repositoryPlaces } from './point-paths.ts'
import { partsOf } from './point-tags.ts'
import { openRepository } from './repository.ts'
import type { RestoreProblem, RestoreResult, RestoreSpec } from './restore-contract.ts'
import { forgetBundles, prepareFolder } from './restored-files.ts'
import { stopwatch } from './stopwatch.ts'
import { answering, pointFaults, Verdict } from './verdict.ts'

/** Throws for faults worth a retry. */
export function restorePoint(spec: RestoreSpec, job: PointJob): Promise<RestoreResult> {
  return answering<RestoreResult, RestoreProblem>(() => bringBack(spec, job), pointFaults)
}

async function bringBack(spec: RestoreSpec, job: PointJob): Promise<RestoreResult> {
  const { paths, path, signal } = job
  const { database, owner } = spec.database
  const lap = stopwatch()
  const repository = await openRepository(
    repositoryPlaces(spec.repository, paths),
    { path, signal },
    { write: false },
  )
  const { point, time, database: dumped, files } = choosePoint(spec.source, repository.snapshots)
  const { manifest, digest } = await fetchManifest(repository, files, paths.scratch)
  if (spec.source.kind === 'snapshots' && digest !== spec.source.manifestDigest)
    throw new Verdict(
      'ManifestDiffers',
      `the manifest of point ${point} is not the one that was noted when it was made; choose another point`,
    )
  // Odoo of another series would not start on it, or would change it for good.
  if (manifest.odoo.series !== spec.series)
    throw new Verdict(
      'SeriesDiffers',
      `point ${point} is of Odoo ${manifest.odoo.series}, and the tenant runs Odoo ${spec.series}; choose a point of that series, or restore into a tenant whose channel runs ${manifest.odoo.series}`,
    )
  const fetched = join(paths.scratch, 'dump')
  await rm(fetched, { recursive: true, force: true })
  await repository.restore(dumped.id, '/', fetched)
  const fetch = lap()

  const inside = <T>(doing: string, work: (rows: Rows) => Promise<T>) =>
    insideDatabase(spec.database, job, `${doing} database ${database}`, work)
  const server = await inside('empty', async (rows) => {
    refuseMissingExtensions(manifest, await readExtensions(rows), database)
    await emptyDatabase(rows)
    return readServer(rows)
  })
  const environment = databaseEnvironment(spec.database, paths)
  await fillDatabase(
    { dump: join(fetched, dumpFile), database, owner, server: server.version, scratch: paths.scratch },
    { path, signal, environment },
  )
  await rm(fetched, { recursive: true, force: true })
  const filled = lap()

  const filestore = join(paths.data, 'filestore', database)
  await prepareFolder(filestore, paths.data)
  const { filestore: stored } = partsOf(files)
  if (stored !== undefined) await repository.restore(files.id, stored, filestore)
  const placed = lap()

  const rows = await inside('look into', async (restored) => {
    const evidence = compareContent(manifest, await readContent(restored))
    await forgetBundles(restored, manifest.remade)
    return evidence
  })
  await compareFiles(manifest, filestore)
  const fileCount = Object.keys(manifest.files).length
  const harmless = spec.neutralise ? [await inside('neutralise', neutraliseCopy)] : []
  return {
    ok: true,
    point,
    recoveryPointTime: time,
    evidence: [...rows, `${fileCount} files by their SHA-1`, ...harmless],
    bytes: dumped.bytes + files.bytes,
    neutralised: spec.neutralise,
    seconds: { fetch, database: filled, files: placed, checks: lap() },
  }
}

async function compareFiles({ files, point }: PointManifest, filestore: string): Promise<void> {
  const fault = await findFileFault(filestore, files)
  switch (fault?.kind) {
    case undefined:
      return
    case 'missing':
      throw new Verdict(
        'FileMissing',
        `file ${fault.name} of point ${point} did not come back from its snapshot; choose another point`,
      )
    case 'corrupt':
      throw new Verdict(
        'FileCorrupt',
        `file ${fault.name} of point ${point} does not hold what its name, its SHA-1, says; it was damaged before the point was made, so choose an older one`,
      )
  }
}
