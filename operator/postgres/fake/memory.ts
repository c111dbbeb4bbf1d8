/** What the fake server keeps in mind, and how its parts look something up in it: with the refusals of the real one. */
import { PostgresError } from '../errors.ts'
import type { TemplateMark, TenantMark } from '../mark.ts'
import type { HandOver, RestoreDatabase, TenantDatabaseNames } from '../server.ts'

export interface FakeDatabase {
  kind: 'invalid' | 'cloned' | 'ready' | 'retained' | 'foreign'
  mark?: TenantMark
  handOver?: HandOver
  adminHash?: string
  /** Modules and languages that were put in beside those of every database. */
  extras?: readonly string[]
}

interface FakeLogin {
  can: boolean
  password?: string
  secret?: string
  sessions: number
}

export interface FakeMemory {
  readonly databases: Map<string, FakeDatabase>
  readonly owners: Set<string>
  readonly logins: Map<string, FakeLogin>
  readonly templates: Map<string, { mark?: TemplateMark; password: string }>
  readonly restores: Map<string, RestoreDatabase>
  readonly modules: Map<string, string>
  readonly languages: Map<string, boolean>
  /** Every call, in order: `cloneDatabase t_…`. */
  readonly calls: string[]
  /** Notes a call, which throws while there is a fault. */
  entered(call: string, subject?: string): Promise<void>
  missing(what: string): PostgresError
  loginOf(names: TenantDatabaseNames): FakeLogin
  /** As the tenant's login, into its database. */
  enter(names: TenantDatabaseNames, password: string): FakeDatabase
  refuseForeign(names: TenantDatabaseNames): void
  ready(names: TenantDatabaseNames): { readonly database: FakeDatabase; readonly mark: TenantMark }
}

export function fakeMemory(id: string, fault: () => PostgresError | undefined): FakeMemory {
  const databases: FakeMemory['databases'] = new Map()
  const logins: FakeMemory['logins'] = new Map()
  const calls: string[] = []

  const entered = async (call: string, subject = '') => {
    calls.push(subject === '' ? call : `${call} ${subject}`)
    const thrown = fault()
    if (thrown !== undefined) throw thrown
  }
  const missing = (what: string) =>
    new PostgresError('DatabaseMissing', `${what} does not exist at PostgreSQL ${id}`)
  const loginOf = (names: TenantDatabaseNames): FakeLogin => {
    const login = logins.get(names.login)
    if (login === undefined)
      throw new PostgresError('Other', `role ${names.login} does not exist at PostgreSQL ${id}`)
    return login
  }
  const enter = (names: TenantDatabaseNames, password: string): FakeDatabase => {
    const login = loginOf(names)
    if (!login.can || login.password !== password) {
      throw new PostgresError('WrongPassword', `PostgreSQL ${id} refuses role ${names.login}`)
    }
    const database = databases.get(names.database)
    if (database === undefined) throw missing(`database ${names.database}`)
    return database
  }
  const refuseForeign = (names: TenantDatabaseNames) => {
    if (databases.get(names.database)?.kind === 'foreign') {
      throw new PostgresError('MissingPrivilege', `database ${names.database} belongs to somebody else`)
    }
  }
  const ready = (names: TenantDatabaseNames) => {
    const database = databases.get(names.database)
    if (database?.kind !== 'ready' || database.mark === undefined) throw missing(`database ${names.database}`)
    return { database, mark: database.mark }
  }

  return {
    databases,
    owners: new Set(),
    logins,
    templates: new Map(),
    restores: new Map(),
    modules: new Map([['base', 'installed']]),
    languages: new Map([['en_US', true]]),
    calls,
    entered,
    missing,
    loginOf,
    enter,
    refuseForeign,
    ready,
  }
}
