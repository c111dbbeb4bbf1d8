/**
 * What earlier pods have left in a repository: the point itself, when its last step was done and only the answer was
 * lost; else halves of it or of other points, which are taken away, since nobody will finish them.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ResticError } from '../restic/fault.ts'
import type { BackUpResult, BackUpSpec } from './back-up-contract.ts'
import type { PointManifest } from './point-manifest.ts'
import { type CompletePoint, completePoints, partsOf, tenantTag } from './point-tags.ts'
import type { Repository } from './repository.ts'

/** Only one Job at a time works on a repository, so what is not whole is nobody's work under way. */
export async function earlierAttempt(
  { point, tenant, askedAt }: BackUpSpec,
  repository: Repository,
  scratch: string,
): Promise<BackUpResult | undefined> {
  const snapshots = repository.snapshots.filter(({ tags }) => tags.includes(tenantTag(tenant)))
  const whole = completePoints(snapshots)
  const needed = new Set(whole.flatMap(({ database, files }) => [database.id, files.id]))
  await clearAway(
    repository,
    snapshots.map(({ id }) => id).filter((id) => !needed.has(id)),
  )
  const since = Date.parse(askedAt ?? '') || 0
  const found = whole.find((each) => each.point === point && Date.parse(each.time) >= since)
  return found === undefined ? undefined : resultOf(found, repository, scratch)
}

/** A store that lets nothing be removed keeps them until somebody who may comes by (forget.ts). */
async function clearAway(repository: Repository, halves: readonly string[]): Promise<void> {
  try {
    await repository.forget(halves)
  } catch (error) {
    if (!(error instanceof ResticError && error.kind === 'undeletable')) throw error
  }
}

async function resultOf(
  { database, files, time }: CompletePoint,
  repository: Repository,
  scratch: string,
): Promise<BackUpResult> {
  const { manifest, digest } = await fetchManifest(repository, files, scratch)
  return {
    ok: true,
    recoveryPointTime: time,
    snapshots: { database: database.id, files: files.id },
    manifestDigest: digest,
    bytesTotal: database.bytes + files.bytes,
    bytesAdded: database.bytesAdded + files.bytesAdded,
    files: Object.keys(manifest.files).length,
    missingFiles: manifest.missing.length,
    serverVersion: manifest.server.version,
    dumpVersion: manifest.dumpVersion,
    seconds: { database: database.seconds, files: files.seconds, total: database.seconds + files.seconds },
  }
}

/** The manifest of a point's files' snapshot, and the sha256 of its bytes. */
export async function fetchManifest(
  repository: Repository,
  files: CompletePoint['files'],
  scratch: string,
): Promise<{ readonly manifest: PointManifest; readonly digest: string }> {
  const path = partsOf(files).manifest
  if (path === undefined)
    throw new Error(`snapshot ${files.id} has no manifest.json; it is not of a recovery point`)
  const folder = join(scratch, 'manifest')
  await mkdir(folder, { recursive: true })
  const target = join(folder, 'manifest.json')
  await repository.fetch(files.id, path, target)
  const text = await readFile(target, 'utf8')
  return { manifest: JSON.parse(text) as PointManifest, digest: digestOf(text) }
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
