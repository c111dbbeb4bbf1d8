/**
 * `agent check-repository`: what can be proved of all points of a tenant without restoring one. Each of its two keys
 * opens the repository; what the cluster believes to be in it is; every snapshot has all that it needs; and a part of what
 * is stored is read again. Takes no lock and changes nothing, so a backup may begin meanwhile.
 */
import { join } from 'node:path'
import type { Snapshot } from '../restic/answers.ts'
import { ResticError } from '../restic/fault.ts'
import type { CataloguedPoint, CheckProblem, CheckResult, CheckSpec } from './check-contract.ts'
import type { PointJob } from './point-job.ts'
import { readMounted, repositoryPlaces } from './point-paths.ts'
import { type CompletePoint, completePoints, tagOf } from './point-tags.ts'
import { keysThatOpen, openRepository, type Repository } from './repository.ts'
import { answering, counted, namedSome, pointFaults, Verdict } from './verdict.ts'

/** As many as a termination message has room for, beside a sentence. */
const MISSING_MOST = 150
/** As restic itself shortens ids. */
const SHORT_ID = 8

/** Throws for faults worth a retry. */
export async function checkRepository(spec: CheckSpec, job: PointJob): Promise<CheckResult> {
  const catalogue = JSON.parse(
    readMounted(join(job.paths.catalogue, 'points.json')),
  ) as readonly CataloguedPoint[]
  let missing: readonly CataloguedPoint[] = []
  const answer = await answering<CheckResult, CheckProblem>(
    () => look(spec, job, catalogue, (lacking) => (missing = lacking)),
    { ...pointFaults, damaged: 'RepositoryDamaged' },
  )
  return answer.ok || missing.length === 0
    ? answer
    : { ...answer, missing: missing.slice(0, MISSING_MOST).map(({ files }) => files.slice(0, SHORT_ID)) }
}

/** `lacks` is told which points are not in it. */
async function look(
  spec: CheckSpec,
  { paths, path, signal }: PointJob,
  catalogue: readonly CataloguedPoint[],
  lacks: (points: readonly CataloguedPoint[]) => void,
): Promise<CheckResult> {
  const began = performance.now()
  const places = repositoryPlaces(spec.repository, paths)
  const keys = await keysThatOpen(places, { path, signal }).catch((error: unknown) => {
    // What is not there has none of them.
    if (error instanceof ResticError && error.kind === 'no-repository') lacks(catalogue)
    throw error
  })
  refuseKeys(keys)
  const repository = await openRepository(places, { path, signal }, { write: false })
  const points = completePoints(repository.snapshots)
  const missing = missingOf(catalogue, points)
  lacks(missing)
  refuseMissing(missing)
  await checkTwice(repository, spec.part)
  const repositoryBytes = await repository.size()
  const { number, of } = spec.part
  return {
    ok: true,
    evidence: [
      'the keys of tenant and escrow both open it',
      `${counted(catalogue.length, 'TenantBackup')}, and each is in it`,
      `what ${counted(repository.snapshots.length, 'snapshot')} need is there`,
      `part ${number} of ${of} of what is stored, read again`,
      ...unnamed(spec, catalogue, repository.snapshots, points),
    ],
    points: points.length,
    part: spec.part,
    repositoryBytes,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  }
}

function refuseKeys({ tenant, escrow }: { readonly tenant: boolean; readonly escrow: boolean }): void {
  if (tenant && escrow) return
  const [reason, sentence]: readonly [CheckProblem, string] =
    !tenant && !escrow
      ? [
          'WrongKey',
          "neither the tenant's key nor the escrow key opens the repository; put back Secret odoo-backup-key of the runtime namespace, or the policy's escrowSecret, from your copy",
        ]
      : !tenant
        ? [
            'WrongKey',
            "the tenant's key does not open the repository, the escrow key does; put back Secret odoo-backup-key of the runtime namespace, or let the next backup add the new key",
          ]
        : [
            'WrongEscrowKey',
            "the escrow key does not open the repository, the tenant's key does: with the cluster its points would be lost; put back the policy's escrowSecret, or let the next backup add the new key",
          ]
  throw new Verdict(reason, sentence)
}

function missingOf(
  catalogue: readonly CataloguedPoint[],
  points: readonly CompletePoint[],
): readonly CataloguedPoint[] {
  const there = new Set(points.map(({ database, files }) => `${database.id} ${files.id}`))
  return catalogue.filter(({ database, files }) => !there.has(`${database} ${files}`))
}

function refuseMissing(missing: readonly CataloguedPoint[]): void {
  if (missing.length === 0) return
  const names = namedSome(missing.map(({ backup }) => backup))
  throw new Verdict(
    'PointMissing' satisfies CheckProblem,
    `the repository does not hold the point of TenantBackup ${names}; bring its snapshots back from the store's own versions, or delete what names them: kubectl delete tenantbackup`,
  )
}

/**
 * A backup or removal that goes on meanwhile can look like damage: snapshots and indexes are exchanged before packs go, so
 * what is found again by a second look, which reads them anew, was not that.
 */
async function checkTwice(repository: Repository, part: CheckSpec['part']): Promise<void> {
  try {
    await repository.check(part)
  } catch (error) {
    if (!(error instanceof ResticError)) throw error
    await repository.check(part)
  }
}

/** What is in it and no TenantBackup speaks of: no fault, and nothing removes it by itself. */
function unnamed(
  { tenant }: CheckSpec,
  catalogue: readonly CataloguedPoint[],
  snapshots: readonly Snapshot[],
  points: readonly CompletePoint[],
): readonly string[] {
  const known = new Set(catalogue.map(({ files }) => files))
  const isOurs = (each: Snapshot) => tagOf(each, 'tenant') === tenant.uid
  const nameless = points.filter(({ files }) => !known.has(files.id))
  const [ours, former] = [true, false].map((own) => nameless.filter(({ files }) => isOurs(files) === own))
  const whole = new Set(points.flatMap(({ database, files }) => [database.id, files.id]))
  const halves = snapshots.filter(({ id }) => !whole.has(id))
  const said = (some: readonly { readonly point: string }[] | undefined, what: string) =>
    some && some.length > 0 ? [`${what}: ${namedSome(some.map(({ point }) => point))}`] : []
  return [
    ...said(ours, 'points that no TenantBackup names'),
    ...said(former, 'points of a former tenant of this name'),
    ...(halves.length > 0
      ? [`${counted(halves.length, 'snapshot')} of no complete point; the next backup removes its own`]
      : []),
  ]
}
