/**
 * `agent export-point`: one recovery point as a zip that Odoo's own database manager reads, for a customer who leaves.
 * Needs no database and no volume: dump and files come from the repository, are looked at, and go into the store as they
 * are packed. Run again it writes the same zip anew under the same key; half of one is never there.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeZip } from '../odoo-zip/write-zip.ts'
import { manifestOf } from '../odoo-zip/zip-manifest.ts'
import { dumpFile } from './back-up.ts'
import { choosePoint } from './choose-point.ts'
import { fetchManifest } from './earlier-attempt.ts'
import { findFileFault } from './filestore.ts'
import { plainSql } from './plain-sql.ts'
import type { PointJob } from './point-job.ts'
import type { PointManifest } from './point-manifest.ts'
import { repositoryPlaces } from './point-paths.ts'
import { partsOf } from './point-tags.ts'
import { openRepository } from './repository.ts'
import type { RestoreProblem, RestoreResult } from './restore-contract.ts'
import { stopwatch } from './stopwatch.ts'
import { answering, namedSome, pointFaults, Verdict } from './verdict.ts'
import { withZipStore } from './zip-access.ts'
import type { ExportSpec } from './zip-contract.ts'

/** Throws for faults worth a retry. */
export function exportPoint(spec: ExportSpec, job: PointJob): Promise<RestoreResult> {
  return answering<RestoreResult, RestoreProblem>(() => packPoint(spec, job), pointFaults)
}

async function packPoint(spec: ExportSpec, job: PointJob): Promise<RestoreResult> {
  const { paths, path, signal } = job
  const lap = stopwatch()
  const repository = await openRepository(
    repositoryPlaces(spec.repository, paths),
    { path, signal },
    { write: false },
  )
  const { point, time, database, files } = choosePoint(spec.source, repository.snapshots)
  const { manifest, digest } = await fetchManifest(repository, files, paths.scratch)
  if (spec.source.kind === 'snapshots' && digest !== spec.source.manifestDigest)
    throw new Verdict(
      'ManifestDiffers' satisfies RestoreProblem,
      `the manifest of point ${point} is not the one that was noted when it was made; choose another point`,
    )
  const folders = { dump: join(paths.scratch, 'dump'), filestore: join(paths.scratch, 'filestore') }
  for (const folder of Object.values(folders)) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
  }
  await repository.restore(database.id, '/', folders.dump)
  const { filestore: stored } = partsOf(files)
  if (stored !== undefined) await repository.restore(files.id, stored, folders.filestore)
  const fetch = lap()

  await compareFiles(manifest, folders.filestore)
  const checks = lap()

  const names = Object.keys(manifest.files).sort()
  const sizes = Object.values(manifest.files).reduce((all, size) => all + size, 0)
  const sql = await plainSql(
    { dump: join(folders.dump, dumpFile), server: manifest.server.version, scratch: paths.scratch },
    { path, signal, environment: {} },
  )
  const zip = writeZip({
    manifest: manifestOf(manifest),
    sql,
    filestore: folders.filestore,
    files: names,
    time: new Date(time),
  })
  const { bytes, sha256 } = await withZipStore(spec.zip, paths, (store) =>
    store.put(zip, database.bytes + sizes, signal),
  )
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true })
  const { missing } = manifest
  return {
    ok: true,
    point,
    recoveryPointTime: time,
    evidence: [
      `dump.sql of ${Object.keys(manifest.rows).length} tables`,
      `${Object.keys(manifest.modules).length} modules in manifest.json`,
      `${names.length} files by their SHA-1`,
      ...(missing.length === 0
        ? []
        : [`${missing.length} files that the point itself lacks: ${namedSome(missing)}`]),
    ],
    bytes: database.bytes + sizes,
    neutralised: false,
    zip: { bucket: spec.zip.bucket, key: spec.zip.key, bytes, sha256 },
    seconds: { fetch, database: 0, files: lap(), checks },
  }
}

async function compareFiles({ files, point }: PointManifest, filestore: string): Promise<void> {
  const fault = await findFileFault(filestore, files)
  if (fault === undefined) return
  throw new Verdict(
    (fault.kind === 'missing' ? 'FileMissing' : 'FileCorrupt') satisfies RestoreProblem,
    `file ${fault.name} of point ${point} ${fault.kind === 'missing' ? 'did not come back from its snapshot' : 'does not hold what its name, its SHA-1, says'}; choose another point`,
  )
}
