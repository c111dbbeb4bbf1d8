/** Which point a restore takes: the one that is named, or the newest that is complete. Never another instead. Pure. */
import type { Snapshot } from '../restic/answers.ts'
import { type CompletePoint, completePoints } from './point-tags.ts'
import type { PointSource, RestoreProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'

export function choosePoint(source: PointSource, snapshots: readonly Snapshot[]): CompletePoint {
  const points = completePoints(snapshots)
  const refuse = (problem: string) => new Verdict('PointMissing' satisfies RestoreProblem, problem)
  switch (source.kind) {
    case 'snapshots': {
      const found = points.find(
        ({ database, files }) => database.id === source.database && files.id === source.files,
      )
      if (found !== undefined) return found
      const ids = `${source.database.slice(0, 8)} and ${source.files.slice(0, 8)}`
      throw refuse(`the repository has no complete point of the snapshots ${ids}; choose another point`)
    }
    case 'newest': {
      const { before } = source
      const found = points.find(({ time }) => before === undefined || Date.parse(time) <= Date.parse(before))
      if (found !== undefined) return found
      throw refuse(
        before === undefined
          ? 'the repository has no complete point; correct the store of the policy, or the name of the tenant'
          : `the repository has no complete point of ${before} or earlier; choose a later instant`,
      )
    }
  }
}
