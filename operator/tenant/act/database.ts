/** Runs the steps that change PostgreSQL: each is one call of the driver, with passwords read from their Secrets. */
import { passlibHash } from '../../odoo/password.ts'
import type { PostgresServer } from '../../postgres/server.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { runtimeNames } from '../names.ts'
import type { DatabaseStep, Step } from '../step.ts'
import { readPassword } from './secrets.ts'

export async function actOnDatabase(task: Task, server: PostgresServer, step: DatabaseStep): Promise<void> {
  switch (step.kind) {
    case 'ensure-roles':
      return server.ensureTenantRoles(step.names)
    case 'set-login-password':
      return server.setLoginPassword(step.names, await loginPassword(task, step.namespace), step.serial)
    case 'clone-database':
      return server.cloneDatabase(step.names, step.template)
    case 'hand-over':
      return handOver(task, server, step)
    case 'set-admin-password':
      return server.setAdminPassword(step.names, await loginPassword(task, step.namespace), {
        login: step.login,
        passwordHash: await adminHash(task, step.secret),
        secret: step.serial,
      })
    case 'apply-settings':
      return server.setSettings(
        step.names,
        await loginPassword(task, step.namespace),
        step.settings,
        step.digest,
      )
    case 'apply-brand':
      return server.setBrand(step.names, await loginPassword(task, step.namespace), step.brand, step.digest)
    case 'begin-change':
      return server.beginChange(step.names, step.digest)
    case 'settle-change':
      return server.settleChange(step.names, step.extras)
    case 'undo-change':
      return server.undoChange(step.names, step.failed)
    case 'forget-failure':
      return server.forgetFailure(step.names)
    case 'drop-copies':
      return server.dropCopies(step.names)
    case 'exchange-database': {
      const until = new Date(task.hands.world.now() + step.keepMs).toISOString()
      return server.exchangeRestored(step.names, { id: step.id, until })
    }
    case 'abandon-exchange':
      return server.abandonExchange(step.names)
    case 'drop-former':
      return server.dropOfRestore(step.names, 'former', step.id)
    case 'retain-database':
      return server.retain(step.names)
    case 'unseal-database':
      return server.unfence(step.names)
    case 'drop-database':
      return server.dropTenant(step.names)
  }
}

/** The effect is checked before the mark says ready: the login must really act as the owner and nobody else. */
async function handOver(
  task: Task,
  server: PostgresServer,
  step: Extract<Step, { kind: 'hand-over' }>,
): Promise<void> {
  const { identity } = step
  const password = await loginPassword(task, step.namespace)
  await server.handOver(step.names, {
    template: step.template,
    loginPassword: password,
    adminSecret: identity.adminSerial,
    settings: identity.settingsDigest,
    identity: {
      tenant: identity.tenant,
      settings: identity.settings,
      language: identity.language,
      admin: {
        login: identity.adminLogin,
        email: identity.adminEmail,
        passwordHash: await adminHash(task, identity.adminSecret),
      },
    },
  })
  const verdict = await server.verifyLogin(step.names, password)
  if (verdict.kind === 'problem') throw new StepFailure('DatabaseLoginUnsafe', 'later', verdict.sentence)
}

const loginPassword = (task: Task, namespace: string) =>
  readPassword(task, { namespace, name: runtimeNames.databaseSecret })

async function adminHash(task: Task, name: string): Promise<string> {
  const password = await readPassword(task, { namespace: task.tenant.metadata.namespace ?? '', name })
  return passlibHash(password, task.hands.salt())
}
