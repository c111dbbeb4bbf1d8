/** The fake's restores: a database beside the tenant's own, and the exchange of the two. */
import { PostgresError } from '../errors.ts'
import { restoreNames } from '../restore-names.ts'
import type { PostgresServer } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeRestores = Pick<
  PostgresServer,
  'createEmptyForRestore' | 'checkRestored' | 'exchangeRestored' | 'abandonExchange' | 'dropOfRestore'
>

export function fakeRestores(memory: FakeMemory): FakeRestores {
  const { entered, loginOf, missing, ready, restores } = memory
  return {
    async createEmptyForRestore(names, id) {
      await entered('createEmptyForRestore', names.database)
      const { restored } = restoreNames(names, id)
      if (restores.get(restored)?.kind !== 'checked') restores.set(restored, { kind: 'filling', restore: id })
    },
    async checkRestored(names, id) {
      await entered('checkRestored', names.database)
      const { restored } = restoreNames(names, id)
      if (!restores.has(restored)) throw missing(`database ${restored}`)
      restores.set(restored, { kind: 'checked', restore: id })
    },
    async exchangeRestored(names, { id, until }) {
      await entered('exchangeRestored', names.database)
      const { database, mark } = ready(names)
      if (mark.restored === id) return
      if (mark.change !== undefined)
        throw new PostgresError('Conflict', `a change of database ${names.database} is under way`)
      const { restored, former } = restoreNames(names, id)
      const found = restores.get(restored)
      if (found === undefined) throw missing(`database ${restored}`)
      if (found.kind !== 'checked')
        throw new PostgresError('Conflict', `database ${restored} was not checked yet`)
      restores.delete(restored)
      restores.set(former, { kind: 'former', restore: id, until })
      const { kind, state, tenant, template } = mark
      const brand = `restored-${id}`
      database.mark = { kind, state, tenant, template, adminSecret: '', brand, restored: id }
      loginOf(names).sessions = 0
    },
    async abandonExchange(names) {
      await entered('abandonExchange', names.database)
      const { database, mark } = ready(names)
      const { restore, ...rest } = mark
      if (restore === undefined) return
      database.mark = rest
      loginOf(names).can = true
    },
    async dropOfRestore(names, what, id) {
      await entered('dropOfRestore', names.database)
      restores.delete(restoreNames(names, id)[what])
    },
  }
}
