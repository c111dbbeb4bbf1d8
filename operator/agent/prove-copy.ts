/**
 * `agent prove-copy`: beside an Odoo that starts on a restored copy, in the same pod. Waits for its login page, then looks
 * by SQL whether there is somebody who could log in, and what was written last. Changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rows } from '../postgres/session.ts'
import type { DatabaseSpec } from './point-contract.ts'
import { insideDatabase, type PointJob } from './point-job.ts'

export interface ProveSpec {
  readonly database: DatabaseSpec
  /** Odoo's port in this pod. */
  readonly port: number
  /** How long Odoo may take until its login page answers. */
  readonly patienceSeconds: number
}

export type ProveResult =
  | {
      readonly ok: true
      /** From the start of this program, which is when Odoo starts, to the first good answer. */
      readonly bootSeconds: number
      /** Active users. */
      readonly users: number
      /** Newest `write_date` of partners and users, RFC 3339. */
      readonly newestWrite?: string
    }
  | { readonly ok: false; readonly reason: 'BootFailed' | 'NobodyThere'; readonly problem: string }

const PAUSE_MS = 500
/** An answer takes long while Odoo loads its modules. */
const ANSWER_MS = 120_000

export async function proveCopy(spec: ProveSpec, job: PointJob): Promise<ProveResult> {
  const began = performance.now()
  const url = `http://127.0.0.1:${spec.port}/web/login`
  const answer = await firstGoodAnswer(url, began + spec.patienceSeconds * 1000, job.signal)
  if (answer !== undefined)
    return {
      ok: false,
      reason: 'BootFailed',
      problem: `Odoo did not show its login page within ${spec.patienceSeconds} seconds: ${answer}; start the image of the point by hand on a Clone to see why`,
    }
  const bootSeconds = Math.round((performance.now() - began) / 10) / 100
  const { database } = spec.database
  const use = await insideDatabase(spec.database, job, `look into database ${database}`, readUse)
  return judge(use, bootSeconds, database)
}

/** Undefined once the page is there; else what was met last. */
async function firstGoodAnswer(url: string, until: number, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const met = await ask(url, signal)
    if (met === undefined) return undefined
    if (performance.now() > until) return met
    await sleep(PAUSE_MS, undefined, { signal })
  }
}

async function ask(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    const page = await answer.text()
    if (answer.status !== 200) return `it answered ${answer.status}`
    return page.includes('name="login"') ? undefined : 'its page has no field for a login'
  } catch (error) {
    signal.throwIfAborted()
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return `nobody answered (${cause instanceof Error ? cause.message : cause})`
  }
}

interface Use {
  readonly users: number
  readonly newest: string | null
}

async function readUse(rows: Rows): Promise<Use> {
  const [found] = await rows.query<Use>(
    `SELECT (SELECT count(*)::int FROM res_users WHERE active) AS users,
            to_char(greatest((SELECT max(write_date) FROM res_partner), (SELECT max(write_date) FROM res_users)),
                    'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS newest`,
  )
  return found ?? { users: 0, newest: null }
}

function judge({ users, newest }: Use, bootSeconds: number, database: string): ProveResult {
  if (users === 0)
    return {
      ok: false,
      reason: 'NobodyThere',
      problem: `database ${database} has no active user, so nobody could log in; choose another point`,
    }
  return { ok: true, bootSeconds, users, ...(newest === null ? {} : { newestWrite: newest }) }
}
