/** The fake's fence, and the end of a tenant: retained, or gone with all that stands beside its database. */
import { copyNames } from '../facts.ts'
import type { PostgresServer, TenantDatabaseNames } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeLeaving = Pick<PostgresServer, 'fence' | 'unfence' | 'retain' | 'dropTenant'>

export function fakeLeaving(memory: FakeMemory, changes: Pick<PostgresServer, 'undoChange'>): FakeLeaving {
  const { databases, entered, loginOf, logins, owners, refuseForeign, restores } = memory
  const fence = (names: TenantDatabaseNames) => {
    const login = logins.get(names.login)
    if (login !== undefined) Object.assign(login, { can: false, sessions: 0 })
  }
  const setState = (names: TenantDatabaseNames, state: 'ready' | 'retained') => {
    const database = databases.get(names.database)
    if (database?.mark === undefined || database.kind === 'cloned') return
    database.kind = state
    database.mark = { ...database.mark, state }
  }
  return {
    async fence(names) {
      await entered('fence', names.login)
      fence(names)
    },
    async unfence(names) {
      await entered('unfence', names.login)
      setState(names, 'ready')
      loginOf(names).can = true
    },
    async retain(names) {
      await entered('retain', names.database)
      refuseForeign(names)
      if (databases.get(names.database)?.mark?.change !== undefined)
        await changes.undoChange(names, undefined)
      for (const name of Object.values(copyNames(names))) databases.delete(name)
      for (const [name, { kind }] of restores)
        if (name.startsWith(`${names.database}_`) && kind !== 'former') restores.delete(name)
      fence(names)
      const kind = databases.get(names.database)?.kind
      if (kind === 'cloned' || kind === 'invalid') databases.delete(names.database)
      else setState(names, 'retained')
    },
    async dropTenant(names) {
      await entered('dropTenant', names.database)
      refuseForeign(names)
      for (const name of [names.database, ...Object.values(copyNames(names))]) databases.delete(name)
      for (const name of restores.keys()) if (name.startsWith(`${names.database}_`)) restores.delete(name)
      for (const login of [...logins.keys()]) if (login.startsWith(`${names.owner}_`)) logins.delete(login)
      owners.delete(names.owner)
    },
  }
}
