/** The fake's way of a tenant from nothing to ready: roles, clone and hand-over. */
import type { PostgresServer } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeProvisioning = Pick<
  PostgresServer,
  'ensureTenantRoles' | 'setLoginPassword' | 'cloneDatabase' | 'handOver' | 'verifyLogin'
>

export function fakeProvisioning(memory: FakeMemory): FakeProvisioning {
  const { databases, enter, entered, loginOf, logins, missing, owners, refuseForeign, templates } = memory
  return {
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
  }
}
