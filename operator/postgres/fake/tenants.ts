/** What the fake tells of tenants: the states that the real server has. */
import { copyNames } from '../facts.ts'
import type { PostgresServer, TenantCopy, TenantDatabaseFacts, TenantDatabaseNames } from '../server.ts'
import type { FakeDatabase, FakeMemory } from './memory.ts'

type FakeTenants = Pick<PostgresServer, 'tenantFacts' | 'listTenants'>

export function fakeTenants(memory: FakeMemory): FakeTenants {
  const { databases, entered, logins, owners, restores } = memory
  const copiesOf = (names: TenantDatabaseNames): Pick<TenantDatabaseFacts, 'copies'> => {
    const { before, half } = copyNames(names)
    const copies: TenantCopy[] = [
      ...(databases.has(before) ? (['before'] as const) : []),
      ...(databases.has(half) ? (['leftover'] as const) : []),
    ]
    return copies.length === 0 ? {} : { copies }
  }
  const restoresOf = (names: TenantDatabaseNames): Pick<TenantDatabaseFacts, 'restores'> => {
    const found = [...restores].filter(([name]) => name.startsWith(`${names.database}_`))
    return found.length === 0 ? {} : { restores: found.map(([, restore]) => restore) }
  }
  return {
    async tenantFacts(names) {
      await entered('tenantFacts', names.database)
      const login = logins.get(names.login)
      return {
        database: stateOf(names, databases.get(names.database)),
        ownerRole: owners.has(names.owner) ? 'present' : 'absent',
        loginRole: login === undefined ? 'absent' : login.can ? 'login' : 'nologin',
        ...(login?.secret === undefined ? {} : { loginSecret: login.secret }),
        sessions: login?.sessions ?? 0,
        ...copiesOf(names),
        ...restoresOf(names),
      }
    },
    async listTenants() {
      await entered('listTenants')
      return [...databases].flatMap(([name, { mark }]) =>
        mark === undefined || !/^t_[0-9a-f]{12}$/.test(name) ? [] : [{ name, mark }],
      )
    },
  }
}

function stateOf(
  names: TenantDatabaseNames,
  database: FakeDatabase | undefined,
): TenantDatabaseFacts['database'] {
  if (database === undefined) return { kind: 'absent' }
  switch (database.kind) {
    case 'invalid':
    case 'cloned':
      return { kind: database.kind }
    case 'foreign':
      return { kind: 'foreign', sentence: `database ${names.database} belongs to somebody else` }
    case 'ready':
    case 'retained':
      if (database.mark === undefined)
        throw new Error(`database ${names.database} of the fake is ${database.kind} without a mark`)
      return { kind: database.kind, mark: database.mark }
  }
}
