/**
 * A PostgreSQL server in memory, for unit tests of what uses one: the same states and refusals as the real driver,
 * faults on demand. What it says about roles and rights is not proof of anything; the integration tests are.
 */
import type { PostgresError } from './errors.ts'
import { fakeChanges } from './fake/changes.ts'
import { fakeInside } from './fake/inside.ts'
import { fakeLeaving } from './fake/leaving.ts'
import { type FakeMemory, fakeMemory } from './fake/memory.ts'
import { fakeProvisioning } from './fake/provisioning.ts'
import { fakeRestores } from './fake/restores.ts'
import { fakeTemplates } from './fake/templates.ts'
import { fakeTenants } from './fake/tenants.ts'
import type { PostgresServer, ServerFacts } from './server.ts'

type Seen = 'databases' | 'owners' | 'logins' | 'templates' | 'modules' | 'languages' | 'calls'

export interface FakePostgres extends PostgresServer, Pick<FakeMemory, Seen> {
  /** Set to make every call throw, `undefined` to heal. */
  fault: PostgresError | undefined
  facts: ServerFacts
  /** What Odoo does in a database of its own accord, or by a Job. */
  install(database: string, extras: readonly string[]): void
  uninstall(database: string, extras: readonly string[]): void
}

export function fakePostgres(id = 'postgres.test:5432'): FakePostgres {
  const memory = fakeMemory(id, () => fake.fault)
  const { databases, owners, logins, templates, modules, languages, calls, entered } = memory
  const changes = fakeChanges(memory)
  const fake: FakePostgres = {
    id,
    fault: undefined,
    facts: { version: '17.11', major: 17, extensions: ['pg_trgm', 'unaccent'], problems: [] },
    databases,
    owners,
    logins,
    templates,
    modules,
    languages,
    calls,
    install(name, extras) {
      const database = databases.get(name)
      if (database) database.extras = [...new Set([...(database.extras ?? []), ...extras])].sort()
    },
    uninstall(name, extras) {
      const database = databases.get(name)
      if (database) database.extras = (database.extras ?? []).filter((each) => !extras.includes(each))
    },
    ping: () => entered('ping'),
    async preflight() {
      await entered('preflight')
      return fake.facts
    },
    ...fakeTenants(memory),
    ...fakeProvisioning(memory),
    ...fakeInside(memory),
    ...changes,
    ...fakeRestores(memory),
    ...fakeLeaving(memory, changes),
    ...fakeTemplates(memory),
    async close() {
      calls.push('close')
    },
  }
  return fake
}
