/** The fake's part that is done as the tenant's login: administrator, brand, settings, and what Odoo has. */
import type { PostgresServer } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeInside = Pick<
  PostgresServer,
  'setAdminPassword' | 'setBrand' | 'setSettings' | 'moduleStates' | 'tenantContent'
>

export function fakeInside(memory: FakeMemory): FakeInside {
  const { entered, enter, modules, languages } = memory
  return {
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
      return new Map(modules)
    },
    async tenantContent(names, password) {
      await entered('tenantContent', names.database)
      const { extras = [] } = enter(names, password)
      const has = (name: string) => extras.includes(name)
      return {
        modules: new Map([...modules].map(([name, state]) => [name, has(name) ? 'installed' : state])),
        languages: new Map([...languages].map(([code, active]) => [code, active || has(code)])),
      }
    },
  }
}
