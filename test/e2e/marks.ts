/** Holds every mark that the operator would write on a database of the stories' server, so that it can be ended before one. */
import type { Kubectl } from '../../demo/kubectl.ts'
import { asSuperuser } from './sql.ts'
import { eventually } from './story.ts'

/** Nobody can write a mark until `letMarksGo`, or for four minutes. */
export async function holdMarks(kubectl: Kubectl): Promise<void> {
  const waiting = asSuperuser(
    kubectl,
    'postgres',
    "SET application_name = 'hold-marks'; BEGIN; LOCK TABLE pg_catalog.pg_shdescription IN SHARE MODE; SELECT pg_sleep(240)",
  )
  // It ends by being ended.
  waiting.catch(() => {})
  await eventually('the marks to be held', 30, async () => {
    const found = await asSuperuser(
      kubectl,
      'postgres',
      "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'hold-marks' AND l.mode = 'ShareLock' AND l.granted",
    )
    return found.length > 0
  })
}

export async function letMarksGo(kubectl: Kubectl): Promise<void> {
  await asSuperuser(
    kubectl,
    'postgres',
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hold-marks'",
  )
}
