/** What follows from the Job that takes a directory away, for the database of the same name: pure. */
import type { PointJob } from '../../backup/observation.ts'

/** The directory goes before the database, which says what is still to be done. */
export function afterClearJob(job: Exclude<PointJob<never>['kind'], 'foreign'>): 'clear' | 'wait' | 'drop' {
  switch (job) {
    case 'absent':
      return 'clear'
    case 'held':
    case 'running':
    case 'leaving':
      return 'wait'
    case 'ended':
    case 'failed':
      // A directory that cannot be removed is no reason to keep the database as well.
      return 'drop'
  }
}
