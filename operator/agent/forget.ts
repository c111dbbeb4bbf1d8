/**
 * `agent forget`: takes snapshots out of a repository by their explicit ids, and what killed pods have left of the tenant's,
 * and gives the room back when asked. What is gone already is fine, so it can be run again; a snapshot of another tenant than
 * the one named is refused. The one Job that writes: what is not whole is nobody's work under way.
 */

import type { Snapshot } from '../restic/answers.ts'
import type { ForgetResult, ForgetSpec } from './forget-contract.ts'
import type { PointJob } from './point-job.ts'
import { repositoryPlaces } from './point-paths.ts'
import { completePoints, tagOf, tenantTag } from './point-tags.ts'
import { openRepository } from './repository.ts'
import { answering, Verdict } from './verdict.ts'

type Problem = Extract<ForgetResult, { readonly ok: false }>['reason']

/** What is no part of a whole point: those who made it may not have been let to take it away. */
function halvesOf(snapshots: readonly Snapshot[], tenant: ForgetSpec['tenant']): readonly Snapshot[] {
  const needed = new Set(completePoints(snapshots).flatMap(({ database, files }) => [database.id, files.id]))
  return snapshots.filter(({ id, tags }) => tags.includes(tenantTag(tenant)) && !needed.has(id))
}

export function forget(spec: ForgetSpec, { paths, path, signal }: PointJob): Promise<ForgetResult> {
  const work = async (): Promise<ForgetResult> => {
    const places = repositoryPlaces(spec.repository, paths)
    const repository = await openRepository(places, { path, signal }, { write: false })
    const there = new Map(repository.snapshots.map((snapshot) => [snapshot.id, snapshot]))
    const asked = spec.snapshots.flatMap((id) => there.get(id) ?? [])
    const foreign = asked.find((snapshot) => tagOf(snapshot, 'tenant') !== spec.tenant.uid)
    if (foreign !== undefined)
      throw new Verdict(
        'ForeignSnapshot' satisfies Problem,
        `snapshot ${foreign.id.slice(0, 8)} is of tenant ${tagOf(foreign, 'tenant') ?? 'nobody'}, not of ${spec.tenant.uid}; nothing was forgotten`,
      )
    const going = [...asked, ...halvesOf(repository.snapshots, spec.tenant)]
    await repository.forget([...new Set(going.map(({ id }) => id))])
    if (spec.prune) await repository.prune()
    return { ok: true, forgotten: asked.length, repositoryBytes: await repository.size() }
  }
  return answering<ForgetResult, Problem>(work, {
    'wrong-key': 'WrongKey',
    damaged: 'RepositoryDamaged',
    'no-repository': 'RepositoryDamaged',
    'pack-missing': 'RepositoryDamaged',
    'data-corrupt': 'RepositoryDamaged',
  })
}
