/**
 * `agent import-zip`: a zip of Odoo's own that a customer brings, into a database and a directory of files that nobody uses
 * yet. Whoever made it is a stranger: nothing in it is obeyed, what it claims is compared with what is there, and whatever
 * is not right is a refusal in one sentence. Run again it begins anew.
 */
import { join } from 'node:path'
import { readZip } from '../odoo-zip/read-zip.ts'
import { readManifest } from '../odoo-zip/zip-manifest.ts'
import { emptyDatabase } from './fill-database.ts'
import { fetchZip } from './import-fetch.ts'
import { importFiles } from './import-files.ts'
import { freeAdministrator, lookAtImport } from './import-look.ts'
import { importSql } from './import-sql.ts'
import { checked } from './import-stream.ts'
import { readServer } from './manifest.ts'
import { neutraliseCopy } from './neutralise-copy.ts'
import { insideDatabase, type PointJob } from './point-job.ts'
import { databaseEnvironment } from './point-paths.ts'
import type { RestoreProblem, RestoreResult } from './restore-contract.ts'
import { forgetBundles, prepareFolder } from './restored-files.ts'
import { stopwatch } from './stopwatch.ts'
import { answering, Verdict } from './verdict.ts'
import type { ImportSpec } from './zip-contract.ts'

/** Throws for faults worth a retry. */
export function importZip(spec: ImportSpec, job: PointJob): Promise<RestoreResult> {
  return answering<RestoreResult, RestoreProblem>(() => bringIn(spec, job), {})
}

async function bringIn(spec: ImportSpec, job: PointJob): Promise<RestoreResult> {
  const { paths, path, signal } = job
  const { database, owner } = spec.database
  const lap = stopwatch()
  const zip = await readZip(await fetchZip(spec.zip, job))
  try {
    const manifest = readManifest(await zip.manifest())
    if (manifest.kind === 'unfit')
      throw new Verdict('ZipRefused' satisfies RestoreProblem, `${manifest.problem}; have the zip made again`)
    if (manifest.major !== spec.series)
      throw new Verdict(
        'SeriesDiffers' satisfies RestoreProblem,
        `the zip is of Odoo ${manifest.major}, and the tenant runs Odoo ${spec.series}; have it upgraded first, or import it into a tenant whose channel runs ${manifest.major}`,
      )
    const fetch = lap()

    const inside = <T>(doing: string, work: Parameters<typeof insideDatabase<T>>[3]) =>
      insideDatabase(spec.database, job, `${doing} database ${database}`, work)
    const server = await inside('empty', async (rows) => {
      await emptyDatabase(rows)
      return readServer(rows)
    })
    const left = await importSql(
      { sql: checked(await zip.read(zip.dump), zip.dump.crc32), database, owner, server: server.version },
      { path, signal, environment: databaseEnvironment(spec.database, paths) },
    )
    const filled = lap()

    const { content, named, administrator } = await inside('look into', async (rows) => ({
      ...(await lookAtImport(rows, spec, manifest.modules)),
      administrator: await freeAdministrator(rows, spec.admin),
    }))
    const filestore = join(paths.data, 'filestore', database)
    await prepareFolder(filestore, paths.data)
    const files = await importFiles({ zip, named, filestore, missing: spec.missingFiles }, signal)
    const placed = lap()

    if (files.remade.length > 0) await inside('clean', (rows) => forgetBundles(rows, files.remade))
    const harmless = spec.neutralise ? [await inside('neutralise', neutraliseCopy)] : []
    return {
      ok: true,
      point: spec.zip.key.replace(/^.*\//, '').slice(0, 253),
      recoveryPointTime: content.newestWrite ?? zip.dump.getLastModDate().toISOString(),
      evidence: [
        `${Object.keys(content.rows).length} tables from dump.sql, without an error`,
        `${Object.keys(content.modules).length} modules as in manifest.json`,
        ...files.evidence,
        ...left,
        ...administrator,
        ...harmless,
      ],
      bytes: zip.dump.uncompressedSize + files.bytes,
      neutralised: spec.neutralise,
      seconds: { fetch, database: filled, files: placed, checks: lap() },
    }
  } finally {
    zip.close()
  }
}
