/**
 * Deploys one release: Helm renders, we apply what changed, and a record in Helm's format says so.
 *
 * Guarantees: safe to cut off at any request. The record is pending before the first object is written and deployed after
 * the last, so whoever runs next sees what was begun and ends it; an unfinished revision with the wanted digest is
 * continued under its number and from its own manifest. Objects that are surely in place are not sent.
 * Assumes one writer per release in this operator; a second one loses by the API server's optimistic locking.
 */
import type { Call, KubeClient } from '../kube/client.ts'
import type { Kind } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { baselineOf, nextBaseline } from './baseline.ts'
import { readPrevious } from './before.ts'
import type { Chart } from './chart.ts'
import { type ReleaseDelta, releaseDelta } from './delta.ts'
import { releaseDigest } from './digest.ts'
import type { ReleaseFailure } from './failure.ts'
import type { Revision } from './history.ts'
import { releaseObjects } from './manifest.ts'
import { applyAll, removeAll } from './objects.ts'
import { type ReleaseRecord, withStatus } from './record.ts'
import type { ChartRenderer, Rendered } from './renderer.ts'
import { createRevision, deleteRevision, rewriteRevision, type StoredRevision } from './stored.ts'
import type { ReleaseTarget } from './target.ts'

/** The verbs that releases need. */
export interface ReleaseClient extends Pick<KubeClient, 'get' | 'create' | 'update' | 'patch' | 'delete'> {
  /** Server-side apply with force, under the name of another field manager than the operator's own. */
  applyAs(fieldManager: string, kind: Kind, object: KubeObject, call?: Call): Promise<KubeObject>
}

export interface ReleaseTools {
  readonly client: ReleaseClient
  readonly renderer: ChartRenderer
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface DeployRequest {
  readonly target: ReleaseTarget
  readonly chart: Chart
  readonly values: object
  /** Newest first, from the metadata watch; when they are behind, the failure is `OtherWriter` and nothing is harmed. */
  readonly revisions: readonly Revision[]
  /** Put on the record; Helm carries them to every later revision, its own included. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** `group/Kind/name` of objects that are not as they were left, and are sent again though they are to be the same. */
  readonly drifted?: ReadonlySet<string> | undefined
  /** Names of Deployments whose number of replicas is an autoscaler's. */
  readonly autoscaled?: ReadonlySet<string> | undefined
  readonly signal?: AbortSignal | undefined
}

export interface DeployOutcome {
  readonly revision: number
  readonly digest: string
  /** Objects in the manifest, sent to the API server, and removed from it. */
  readonly objects: number
  readonly applied: number
  readonly removed: number
  /** `Kind/name` of objects that left the manifest and stay by `helm.sh/resource-policy: keep`. */
  readonly kept: readonly string[]
  /** True when the chart was rendered, false when a revision that was begun was continued. */
  readonly rendered: boolean
}

/** Revisions that stay, the deployed one included. */
const historyLimit = 5

/** Throws ReleaseFailure; the record is then `failed`, or still pending when nothing was refused for good. */
export async function deployRelease(tools: ReleaseTools, request: DeployRequest): Promise<DeployOutcome> {
  const { client, now } = tools
  const { target, chart, values, revisions, drifted, signal } = request
  const digest = releaseDigest(chart.digest, values)
  const newest = revisions[0]

  const previous = await readPrevious(tools, target, revisions, signal)
  const begun = newest?.digest === digest ? previous.unfinished[0] : undefined
  const { manifest, documents } = begun ? await readAgain(tools, begun, signal) : await render(tools, request)
  const next = releaseObjects(documents, target)
  const delta = releaseDelta(previous.before, next, drifted)

  const first = previous.deployed === undefined
  const current =
    begun ??
    (await createRevision(
      client,
      newRecord(request, manifest, (newest?.revision ?? 0) + 1, first, now()),
      { digest, labels: request.labels ?? {}, now: now() },
      signal,
    ))
  const applied = await carryOut(tools, request, delta, current)

  const replaced = [...(previous.deployed ? [previous.deployed] : []), ...previous.unfinished]
  for (const old of replaced) {
    if (old === begun) continue
    const { status } = old.record.info
    if (status === 'deployed')
      await rewriteRevision(client, old, withStatus(old.record, 'superseded'), now(), { signal })
    else if (status !== 'failed')
      await rewriteRevision(client, old, withStatus(old.record, 'failed', 'Cut off and replaced'), now(), {
        signal,
      })
  }
  const { version } = current.record
  const older = revisions.map(({ revision }) => revision).filter((revision) => revision !== version)
  for (const revision of older.slice(historyLimit - 1)) await deleteRevision(client, target, revision, signal)
  const description = first ? 'Install complete' : 'Upgrade complete'
  const known = previous.deployed && baselineOf(previous.deployed.secret.metadata)
  const owned = nextBaseline(next, applied, known)
  const deployed = withStatus(current.record, 'deployed', description)
  await rewriteRevision(client, current, deployed, now(), { signal, owned })

  return {
    revision: version,
    digest,
    objects: next.length,
    applied: delta.apply.length,
    removed: delta.remove.length,
    kept: delta.keep.map(({ kind, name }) => `${kind.kind}/${name}`),
    rendered: begun === undefined,
  }
}

function render({ renderer }: ReleaseTools, request: DeployRequest): Promise<Rendered> {
  const { target, chart, values, signal } = request
  return renderer.render({ ...target, chart: chart.folder, values }, signal)
}

async function readAgain(
  { renderer }: ReleaseTools,
  { record: { manifest } }: StoredRevision,
  signal: AbortSignal | undefined,
): Promise<Rendered> {
  return { manifest, documents: await renderer.read(manifest, signal) }
}

/** Writes and removes the objects; a refusal for good is recorded as Helm records it, once. */
async function carryOut(
  tools: ReleaseTools,
  { target, autoscaled, drifted, signal }: DeployRequest,
  delta: ReleaseDelta,
  current: StoredRevision,
): Promise<ReadonlyMap<string, string>> {
  try {
    const applied = await applyAll(tools.client, target, delta.apply, { autoscaled, drifted, signal })
    await removeAll(tools.client, delta.remove, signal)
    return applied
  } catch (problem) {
    const failure = problem as ReleaseFailure
    const description = `Upgrade "${target.release}" failed: ${failure.message}`
    const { info } = current.record
    const known = info.status === 'failed' && info.description === description
    if (lasting.has(failure.reason) && !known)
      await rewriteRevision(
        tools.client,
        current,
        withStatus(current.record, 'failed', description),
        tools.now(),
        { signal },
      )
    throw problem
  }
}

/** Refusals that a person may want to see in `helm history`; the others pass by themselves. */
const lasting: ReadonlySet<string> = new Set<ReleaseFailure['reason']>([
  'ObjectInvalid',
  'FieldImmutable',
  'QuotaExceeded',
  'Forbidden',
])

function newRecord(
  { target, chart, values, revisions }: DeployRequest,
  manifest: string,
  version: number,
  first: boolean,
  now: number,
): ReleaseRecord {
  const time = new Date(now).toISOString()
  const oldest = revisions.at(-1)
  return {
    name: target.release,
    namespace: target.namespace,
    version,
    info: {
      first_deployed: oldest?.since ? new Date(oldest.since).toISOString() : time,
      last_deployed: time,
      description: first ? 'Initial install underway' : 'Preparing upgrade',
      status: first ? 'pending-install' : 'pending-upgrade',
    },
    chart: chart.record,
    config: values,
    manifest,
    apply_method: 'ssa',
  }
}
