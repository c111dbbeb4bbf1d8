/** The commands about recovery points: parses the argument, runs the work, and lets it end in order when the pod is asked to. */
import { backUp } from './back-up.ts'
import type { BackUpResult } from './back-up-contract.ts'
import type { CheckResult } from './check-contract.ts'
import { checkRepository } from './check-repository.ts'
import { exportPoint } from './export-point.ts'
import { forget } from './forget.ts'
import type { ForgetResult } from './forget-contract.ts'
import { importZip } from './import-zip.ts'
import { listPoints } from './list-points.ts'
import type { ListPointsResult } from './list-points-contract.ts'
import { verifyNeutralised } from './neutralise-copy.ts'
import { insideDatabase, type PointJob } from './point-job.ts'
import { pointPathsBelow } from './point-paths.ts'
import { type ProveResult, proveCopy } from './prove-copy.ts'
import type { RestoreResult } from './restore-contract.ts'
import { restorePoint } from './restore-point.ts'
import type { ShredResult } from './shred-contract.ts'
import { answering } from './verdict.ts'
import type { VerifyNeutralisedResult, VerifyNeutralisedSpec } from './verify-neutralised-contract.ts'

export type PointResult =
  | BackUpResult
  | RestoreResult
  | ForgetResult
  | ListPointsResult
  | CheckResult
  | VerifyNeutralisedResult
  | ProveResult
  | ShredResult

const commands: Readonly<Record<string, (spec: never, job: PointJob) => Promise<PointResult>>> = {
  'back-up': backUp,
  'restore-point': restorePoint,
  'export-point': exportPoint,
  'import-zip': importZip,
  forget,
  'list-points': listPoints,
  'check-repository': checkRepository,
  'prove-copy': proveCopy,
  // The library for S3 is big: the agents that make and restore points never load it.
  shred: async (spec, job) => (await import('./shred.ts')).shred(spec, job),
  'verify-neutralised': (spec: VerifyNeutralisedSpec, job) =>
    answering<VerifyNeutralisedResult, 'NotNeutralised'>(
      async () => ({
        ok: true,
        evidence: [
          await insideDatabase(spec.database, job, 'look into a neutralised database', verifyNeutralised),
        ],
      }),
      {},
    ),
}

export const pointCommandNames = Object.keys(commands)

/** `TENANTOPS_ROOT` is a folder in which all mounts are looked for: for tests only. */
export async function runPointCommand(
  command: string,
  spec: unknown,
): Promise<{ readonly result: PointResult; readonly path: string }> {
  const run = commands[command]
  if (run === undefined) throw new Error(`agent: there is no command ${command}`)
  const paths = pointPathsBelow(process.env.TENANTOPS_ROOT ?? '')
  const stop = new AbortController()
  const asked = (signal: string) =>
    stop.abort(new Error(`agent: asked to stop by ${signal} in the midst of ${command}`))
  process.once('SIGTERM', asked)
  process.once('SIGINT', asked)
  const job: PointJob = { paths, path: process.env.PATH ?? '', signal: stop.signal }
  return { result: await run(spec as never, job), path: paths.result }
}
