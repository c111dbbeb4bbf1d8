/** The fake's changes of a living tenant: the copy from before, the end for good, and the way back. */
import { PostgresError } from '../errors.ts'
import { copyNames } from '../facts.ts'
import type { PostgresServer } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeChanges = Pick<
  PostgresServer,
  'beginChange' | 'settleChange' | 'undoChange' | 'forgetFailure' | 'dropCopies'
>

export function fakeChanges(memory: FakeMemory): FakeChanges {
  const { databases, entered, loginOf, missing, ready } = memory
  return {
    async beginChange(names, digest) {
      await entered('beginChange', names.database)
      const { database, mark } = ready(names)
      const { change, ...before } = mark
      if (change?.stage === 'running') {
        if (change.digest === digest) return
        throw new PostgresError('Conflict', `another change of database ${names.database} is under way`)
      }
      databases.set(copyNames(names).before, { ...database, mark: before })
      database.mark = { ...mark, change: { digest, stage: 'running' } }
      loginOf(names).sessions = 0
    },
    async settleChange(names, extras) {
      await entered('settleChange', names.database)
      const { database, mark } = ready(names)
      const { change: _, failed: __, ...rest } = mark
      database.mark = { ...rest, extras }
    },
    async undoChange(names, failed) {
      await entered('undoChange', names.database)
      const { database, mark } = ready(names)
      if (mark.change === undefined) return
      const { before, half } = copyNames(names)
      const copy = databases.get(before)
      if (copy?.mark === undefined) throw missing(`copy ${before}`)
      const { failed: _, ...rest } = copy.mark
      databases.set(half, database)
      databases.delete(before)
      databases.set(names.database, {
        ...copy,
        mark: { ...rest, ...(failed === undefined ? {} : { failed }) },
      })
    },
    async forgetFailure(names) {
      await entered('forgetFailure', names.database)
      const { database, mark } = ready(names)
      const { failed: _, ...rest } = mark
      database.mark = rest
    },
    async dropCopies(names) {
      await entered('dropCopies', names.database)
      const { before, half } = copyNames(names)
      databases.delete(half)
      if (databases.get(names.database)?.mark?.change === undefined) databases.delete(before)
    },
  }
}
