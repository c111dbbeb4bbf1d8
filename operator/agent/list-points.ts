/** `agent list-points`: the newest complete points of a repository. Changes nothing, and asks for no lock. */

import type { ListPointsResult, ListPointsSpec } from './list-points-contract.ts'
import type { PointJob } from './point-job.ts'
import { repositoryPlaces } from './point-paths.ts'
import { completePoints } from './point-tags.ts'
import { openRepository } from './repository.ts'
import { answering } from './verdict.ts'

const MOST = 20

export function listPoints(
  spec: ListPointsSpec,
  { paths, path, signal }: PointJob,
): Promise<ListPointsResult> {
  const work = async (): Promise<ListPointsResult> => {
    const places = repositoryPlaces(spec.repository, paths)
    const repository = await openRepository(places, { path, signal }, { write: false })
    const points = completePoints(repository.snapshots).slice(0, MOST)
    return {
      ok: true,
      points: points.map(({ point, time, database, files }) => ({
        point,
        time,
        database: database.id,
        files: files.id,
      })),
    }
  }
  return answering<ListPointsResult, 'WrongKey' | 'RepositoryDamaged'>(work, {
    'wrong-key': 'WrongKey',
    damaged: 'RepositoryDamaged',
    'no-repository': 'RepositoryDamaged',
  })
}
