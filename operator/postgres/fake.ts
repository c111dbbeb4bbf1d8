/**
 * A PostgreSQL server in memory, for unit tests of what uses one: the same states and refusals as the real driver,
 * faults on demand. What it says about roles and rights is not proof of anything; the integration tests are.
 */
import { PostgresError } from './errors.ts'
import { copyNames } from './facts.ts'
import type { TemplateMark, TenantMark } from './mark.ts'
import { restoreNames } from './restore-names.ts'
import type {
  HandOver,
  PostgresServer,
  RestoreDatabase,
  ServerFacts,
  TemplateFacts,
  TenantCopy,
  TenantDatabaseFacts,
  TenantDatabaseNames,
} from './server.ts'

interface FakeDatabase {
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

export interface FakePostgres extends PostgresServer {
  /** Set to make every call throw, `undefined` to heal. */
  fault: PostgresError | undefined
  facts: ServerFacts
  readonly databases: Map<string, FakeDatabase>
  readonly owners: Set<string>
  readonly logins: Map<string, FakeLogin>
  readonly templates: Map<string, { mark?: TemplateMark; password: string }>
  readonly modules: Map<string, string>
  readonly languages: Map<string, boolean>
  /** What Odoo does in a database of its own accord, or by a Job. */
  install(database: string, extras: readonly string[]): void
  uninstall(database: string, extras: readonly string[]): void
  /** Every call, in order: `cloneDatabase t_…`. */
  readonly calls: string[]
}

export function fakePostgres(id = 'postgres.test:5432'): FakePostgres {
  const databases: FakePostgres['databases'] = new Map()
  const owners: FakePostgres['owners'] = new Set()
  const logins: FakePostgres['logins'] = new Map()
  const templates: FakePostgres['templates'] = new Map()
  const restores = new Map<string, RestoreDatabase>()
  const calls: string[] = []

  const entered = async (call: string, subject = '') => {
    calls.push(subject === '' ? call : `${call} ${subject}`)
    if (fake.fault !== undefined) throw fake.fault
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
  const templateFacts = (name: string): TemplateFacts => {
    const template = templates.get(name)
    if (template === undefined) return { name, kind: 'absent', sessions: 0 }
    if (template.mark === undefined) return { name, kind: 'building', sessions: 0 }
    return { name, kind: 'ready', mark: template.mark, sessions: 0 }
  }
  const ready = (names: TenantDatabaseNames) => {
    const database = databases.get(names.database)
    if (database?.kind !== 'ready' || database.mark === undefined) throw missing(`database ${names.database}`)
    return { database, mark: database.mark }
  }
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

  const fake: FakePostgres = {
    id,
    fault: undefined,
    facts: { version: '17.11', major: 17, extensions: ['pg_trgm', 'unaccent'], problems: [] },
    databases,
    owners,
    logins,
    templates,
    modules: new Map([['base', 'installed']]),
    languages: new Map([['en_US', true]]),
    install(name, extras) {
      const database = databases.get(name)
      if (database) database.extras = [...new Set([...(database.extras ?? []), ...extras])].sort()
    },
    uninstall(name, extras) {
      const database = databases.get(name)
      if (database) database.extras = (database.extras ?? []).filter((each) => !extras.includes(each))
    },
    calls,
    ping: () => entered('ping'),
    async preflight() {
      await entered('preflight')
      return fake.facts
    },
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
    async ensureTenantRoles(names) {
      await entered('ensureTenantRoles', names.owner)
      owners.add(names.owner)
      if (!logins.has(names.login)) logins.set(names.login, { can: true, sessions: 0 })
    },
    async setLoginPassword(names, password, secret) {
      await entered('setLoginPassword', names.login)
      Object.assign(loginOf(names), { password, secret })
    },
    async cloneDatabase(names, template) {
      await entered('cloneDatabase', names.database)
      refuseForeign(names)
      const held = databases.get(names.database)
      if (held !== undefined && held.kind !== 'invalid') return
      if (!templates.has(template)) throw missing(`template ${template}`)
      databases.set(names.database, { kind: 'cloned' })
    },
    async handOver(names, request) {
      await entered('handOver', names.database)
      refuseForeign(names)
      const held = databases.get(names.database)
      if (held === undefined || held.kind === 'invalid') throw missing(`database ${names.database}`)
      if (held.kind !== 'cloned') return
      const { template, adminSecret, identity, settings } = request
      const mark = {
        kind: 'tenant',
        state: 'cloned',
        tenant: identity.tenant,
        template,
        adminSecret,
        settings,
      } as const
      held.mark = mark
      enter(names, request.loginPassword)
      databases.set(names.database, {
        kind: 'ready',
        mark: { ...mark, state: 'ready' },
        handOver: request,
        adminHash: identity.admin.passwordHash,
      })
    },
    async verifyLogin(names, password) {
      await entered('verifyLogin', names.login)
      try {
        enter(names, password)
        return { kind: 'ok' }
      } catch (error) {
        return { kind: 'problem', sentence: error instanceof Error ? error.message : String(error) }
      }
    },
    async setAdminPassword(names, password, admin) {
      await entered('setAdminPassword', names.database)
      const database = enter(names, password)
      database.adminHash = admin.passwordHash
      if (database.mark !== undefined) database.mark = { ...database.mark, adminSecret: admin.secret }
    },
    async setBrand(names, password, _brand, digest) {
      await entered('setBrand', names.database)
      const database = enter(names, password)
      if (database.mark !== undefined) database.mark = { ...database.mark, brand: digest }
    },
    async setSettings(names, password, _settings, digest) {
      await entered('setSettings', names.database)
      const database = enter(names, password)
      if (database.mark !== undefined) database.mark = { ...database.mark, settings: digest }
    },
    async moduleStates(names, password) {
      await entered('moduleStates', names.database)
      enter(names, password)
      return new Map(fake.modules)
    },
    async tenantContent(names, password) {
      await entered('tenantContent', names.database)
      const { extras = [] } = enter(names, password)
      const has = (name: string) => extras.includes(name)
      return {
        modules: new Map([...fake.modules].map(([name, state]) => [name, has(name) ? 'installed' : state])),
        languages: new Map([...fake.languages].map(([code, active]) => [code, active || has(code)])),
      }
    },
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
      if (databases.get(names.database)?.mark?.change !== undefined) await fake.undoChange(names, undefined)
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
    async templateFacts(name) {
      await entered('templateFacts', name)
      return templateFacts(name)
    },
    async listTenants() {
      await entered('listTenants')
      return [...databases].flatMap(([name, { mark }]) =>
        mark === undefined || !/^t_[0-9a-f]{12}$/.test(name) ? [] : [{ name, mark }],
      )
    },
    async listTemplates() {
      await entered('listTemplates')
      return [...templates.keys()].sort().map(templateFacts)
    },
    async createTemplateDatabase(name, password) {
      await entered('createTemplateDatabase', name)
      if (templates.get(name)?.mark === undefined) templates.set(name, { password })
    },
    async sealTemplate(name, mark) {
      await entered('sealTemplate', name)
      const template = templates.get(name)
      if (template === undefined) throw missing(`template ${name}`)
      template.mark ??= mark
    },
    async dropTemplate(name) {
      await entered('dropTemplate', name)
      templates.delete(name)
    },
    async close() {
      calls.push('close')
    },
  }
  return fake
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
