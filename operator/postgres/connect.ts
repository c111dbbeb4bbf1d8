/** The real PostgreSQL server behind `PostgresServer`, by way of `pg`. */
import { randomBytes as systemRandom } from 'node:crypto'
import { brandColumns, brandStatements } from '../odoo/brand.ts'
import { adminPasswordStatements, identityColumns } from '../odoo/identity.ts'
import { languagesQuery, moduleStatesQuery } from '../odoo/modules.ts'
import { settingsStatements } from '../odoo/settings.ts'
import { changeLiving } from './change-living.ts'
import {
  beginTenantChange,
  dropAllCopies,
  dropTenantCopies,
  endChangeForGood,
  undoTenantChange,
} from './copies.ts'
import {
  dropDatabase,
  dropTemplateDatabase,
  dropTenantDatabase,
  letIn,
  makeClone,
  writeDatabaseMark,
} from './databases.ts'
import { PostgresError } from './errors.ts'
import {
  readDatabase,
  readTemplateFacts,
  readTemplates,
  readTenantFacts,
  readTenants,
  tenantDatabaseState,
} from './facts.ts'
import { fenceLogin } from './fence.ts'
import { asLogin, type Chance, handOverClone } from './handOver.ts'
import { quoteIdentifier } from './identifier.ts'
import type { TenantMark } from './mark.ts'
import { createMutex } from './mutex.ts'
import { examineServer } from './preflight.ts'
import { dropAllOfRestores, dropOfRestore } from './restore-leftovers.ts'
import { abandonExchange, createEmpty, endRestoreForGood, exchange, markChecked } from './restores.ts'
import { ensureRoles, setPassword } from './roles.ts'
import { scramVerifier } from './scram.ts'
import type { PostgresServer, PostgresSettings, TenantDatabaseNames } from './server.ts'
import { openSessions, type Sessions } from './session.ts'
import { makeTemplate, sealTemplateDatabase } from './templates.ts'
import { verifyTenantLogin } from './verify-login.ts'

const saltSize = 16

/** Opens nothing yet: connections are made when first needed, at most a few, and closed when idle. */
export function connectPostgres(settings: PostgresSettings, options: Partial<Chance> = {}): PostgresServer {
  const chance: Chance = {
    now: options.now ?? (() => new Date()),
    randomBytes: options.randomBytes ?? systemRandom,
  }
  const sessions = openSessions(settings)
  // Clones one at a time: in parallel each takes as much longer. Hand-overs lend the template's role to the admin, and
  // two such loans at once are a "tuple concurrently updated". Everything else concerns one tenant alone.
  const clones = createMutex()
  const loans = createMutex()
  let majorSeen: Promise<number> | undefined
  const major = () => {
    majorSeen ??= readMajor(sessions).catch((error: unknown) => {
      majorSeen = undefined
      throw error
    })
    return majorSeen
  }
  const verifierOf = (password: string) => scramVerifier(password, chance.randomBytes(saltSize))

  return {
    id: sessions.server,
    ping: async () => {
      await sessions.maintenance.query('SELECT 1')
    },
    preflight: () => examineServer(sessions.maintenance, settings.maintenanceDatabase ?? 'postgres'),
    tenantFacts: (names) => readTenantFacts(sessions.maintenance, names),
    ensureTenantRoles: async (names) => {
      const version = await major()
      await sessions.transaction(`create the roles of database ${names.database}`, async (rows) => {
        await ensureRoles(rows, names, version)
        const state = tenantDatabaseState(await readDatabase(rows, names.database))
        if (state.kind === 'ready' || state.kind === 'retained') await letIn(rows, names)
      })
    },
    setLoginPassword: async (names, password, secret) => {
      const verifier = verifierOf(password)
      await sessions.transaction(`set the password of role ${names.login}`, (rows) =>
        setPassword(rows, names.login, verifier, secret),
      )
    },
    cloneDatabase: (names, template) => clones.run(() => makeClone(sessions, names, template)),
    handOver: async (names, request) =>
      handOverClone({ sessions, major: await major(), chance, loans }, names, request),
    verifyLogin: (names, password) => verifyTenantLogin(sessions, names, password),
    setAdminPassword: async (names, loginPassword, admin) => {
      const doing = `set the administrator's password in ${names.database}`
      await changeLiving(sessions, names, loginPassword, doing, async () => adminPasswordStatements(admin))
      await changeMark(sessions, names, (mark) => ({ ...mark, adminSecret: admin.secret }))
    },
    setBrand: async (names, loginPassword, brand, digest) => {
      const doing = `set the brand of ${names.database}`
      await changeLiving(sessions, names, loginPassword, doing, async (rows) => {
        const found = await rows.query<{ column: string; type: string }>(brandColumns.text)
        return brandStatements(brand, new Map(found.map(({ column, type }) => [column, type])))
      })
      await changeMark(sessions, names, (mark) => ({ ...mark, brand: digest }))
    },
    setSettings: async (names, loginPassword, settings, digest) => {
      const doing = `apply the settings of ${names.database}`
      await changeLiving(sessions, names, loginPassword, doing, async (rows) => {
        const found = await rows.query<{ column: string }>(identityColumns.text, identityColumns.values)
        const columns = new Set(found.map(({ column }) => column))
        return settingsStatements(settings, { columns, fresh: false })
      })
      await changeMark(sessions, names, (mark) => ({ ...mark, settings: digest }))
    },
    moduleStates: (names, loginPassword) =>
      asLogin(sessions, names, loginPassword, `read the modules of ${names.database}`, async (rows) => {
        const found = await rows.query<{ name: string; state: string }>(moduleStatesQuery.text)
        return new Map(found.map((row) => [String(row.name), String(row.state)]))
      }),
    tenantContent: (names, loginPassword) =>
      asLogin(sessions, names, loginPassword, `read what is in ${names.database}`, async (rows) => {
        const modules = await rows.query<{ name: string; state: string }>(moduleStatesQuery.text)
        const languages = await rows.query<{ code: string; active: boolean }>(languagesQuery.text)
        return {
          modules: new Map(modules.map((row) => [String(row.name), String(row.state)])),
          languages: new Map(languages.map((row) => [String(row.code), row.active])),
        }
      }),
    beginChange: async (names, digest) => {
      const version = await major()
      await clones.run(() => beginTenantChange(sessions, names, digest, version))
    },
    settleChange: (names, extras) =>
      changeMark(sessions, names, ({ change: _, failed: __, ...mark }) => ({ ...mark, extras })),
    undoChange: async (names, failed) => undoTenantChange(sessions, names, failed, await major()),
    forgetFailure: (names) => changeMark(sessions, names, ({ failed: _, ...mark }) => mark),
    dropCopies: (names) => dropTenantCopies(sessions, names),
    createEmptyForRestore: async (names, id) => {
      const version = await major()
      await clones.run(() => createEmpty(sessions, names, id, version))
    },
    checkRestored: (names, id) => markChecked(sessions, names, id),
    exchangeRestored: async (names, restore) => exchange(sessions, names, restore, await major()),
    abandonExchange: (names) => abandonExchange(sessions, names),
    dropOfRestore: async (names, what, id) => dropOfRestore(sessions, names, what, id, await major()),
    fence: async (names) => fenceLogin(sessions, names.login, await major()),
    unfence: async (names) => {
      await changeMark(sessions, names, (mark) =>
        mark.state === 'retained' ? { ...mark, state: 'ready' } : mark,
      )
      await sessions.transaction(`open role ${names.login}`, (rows) =>
        rows.query(`ALTER ROLE ${quoteIdentifier(names.login)} LOGIN`),
      )
    },
    retain: async (names) => {
      await endChangeForGood(sessions, names, await major())
      await endRestoreForGood(sessions, names, await major())
      await fenceLogin(sessions, names.login, await major())
      const state = tenantDatabaseState(await readDatabase(sessions.maintenance, names.database))
      if (state.kind === 'cloned' || state.kind === 'invalid') await dropDatabase(sessions, names.database)
      else await changeMark(sessions, names, (mark) => ({ ...mark, state: 'retained' }))
    },
    dropTenant: async (names) => {
      await dropAllCopies(sessions, names)
      await dropAllOfRestores(sessions, names, 'all', await major())
      await dropTenantDatabase(sessions, names, await major())
    },
    listTenants: () => readTenants(sessions.maintenance),
    templateFacts: (name) => readTemplateFacts(sessions.maintenance, name),
    listTemplates: () => readTemplates(sessions.maintenance),
    createTemplateDatabase: async (name, password) => {
      const verifier = verifierOf(password)
      await makeTemplate(sessions, name, verifier, await major())
    },
    sealTemplate: async (name, mark) => sealTemplateDatabase(sessions, name, mark, await major()),
    dropTemplate: async (name) => dropTemplateDatabase(sessions, name, await major()),
    close: () => sessions.close(),
  }
}

async function readMajor(sessions: Sessions): Promise<number> {
  const [row] = await sessions.maintenance.query<{ number: number }>(
    "SELECT current_setting('server_version_num')::int AS number",
  )
  return Math.floor((row?.number ?? 0) / 10_000)
}

async function changeMark(
  sessions: Sessions,
  names: TenantDatabaseNames,
  change: (mark: TenantMark) => TenantMark,
): Promise<void> {
  await sessions.transaction(`mark database ${names.database}`, async (rows) => {
    const state = tenantDatabaseState(await readDatabase(rows, names.database))
    if (state.kind === 'ready' || state.kind === 'retained')
      await writeDatabaseMark(rows, names.database, change(state.mark))
    if (state.kind === 'foreign') throw new PostgresError('MissingPrivilege', state.sentence)
  })
}
