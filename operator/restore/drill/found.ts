/** What a drill found so far, and where the time went, for its status. Pure. */
import type { TenantRestore, TenantRestoreStatus } from '../../api/v1alpha1/tenant-restore.ts'
import type { DrillJob, Restored } from './observation.ts'
import { startOf } from './plan.ts'

export function foundBy(job: DrillJob, restore: TenantRestore, now: number): Partial<TenantRestoreStatus> {
  if (job.kind === 'checked') {
    const { repositoryBytes, points, part, evidence } = job.result
    return {
      evidence: listed(evidence),
      repository: { bytes: repositoryBytes, points, part: `${part.number}/${part.of}` },
    }
  }
  if (job.kind === 'failed' && job.missing && job.missing.length > 0)
    return { missingPoints: [...job.missing] }
  const restored = 'restored' in job ? job.restored : undefined
  if (!restored) return {}
  const { point, recoveryPointTime, bytes, evidence, seconds } = restored.result
  const proved = job.kind === 'passed' ? job.proved : undefined
  const seen =
    proved === undefined
      ? []
      : [
          `login page of Odoo after ${proved.bootSeconds} seconds`,
          `${proved.users} active users`,
          ...(proved.newestWrite === undefined
            ? []
            : [`newest write of partners and users at ${proved.newestWrite}`]),
        ]
  return {
    point,
    recoveryPointTime,
    bytes,
    evidence: listed([...evidence, ...seen]),
    seconds: {
      ...seconds,
      ...(proved === undefined ? {} : { boot: proved.bootSeconds }),
      ...(job.kind === 'passed' ? { total: totalSeconds(restore, restored, proved?.bootSeconds, now) } : {}),
    },
  }
}

const listed = (lines: readonly string[]): string[] => lines.slice(0, 20).map((line) => line.slice(0, 300))

/** From its turn to the first good answer, not to when that was noticed; tenths of a second. */
function totalSeconds(
  restore: TenantRestore,
  { at }: Restored,
  bootSeconds: number | undefined,
  now: number,
): number {
  const end = Math.min(now, at + (bootSeconds ?? 0) * 1000)
  return Math.max(0, Math.round((end - startOf(restore, now)) / 100) / 10)
}
