/** The fake server of the unit tests is held to the real one: the same calls, the same facts and the same faults. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import { PostgresError } from '../../operator/postgres/errors.ts'
import { fakePostgres } from '../../operator/postgres/fake.ts'
import type { TemplateMark } from '../../operator/postgres/mark.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import {
  loginPassword,
  queryAs,
  smallSchema,
  templatePassword,
  testIdentity,
  testMarks,
  testNames,
  testSettings,
} from '../fixtures/small-template.ts'

const template = 'tpl_both_abcdef123456'
const names = testNames('1')
const mark: TemplateMark = {
  kind: 'template',
  digest: 'd',
  blueprint: 'b',
  series: '14.0',
  built: 't',
  modules: [],
}
const handOver = { template, loginPassword, identity: testIdentity('both'), ...testMarks }
const admin = { login: 'x', passwordHash: 'y', secret: '2' }

let fixture: PostgresFixture
beforeAll(async () => {
  fixture = await startPostgres()
})
afterAll(() => fixture?.stop())

const restore = { id: 'abcdef01', until: '2027-01-01T00:00:00Z' }

type Call = (server: PostgresServer) => Promise<unknown>

/** `fill`: puts Odoo's tables into the real template; the fake has none. */
const story: readonly (readonly [string, Call | 'fill'])[] = [
  ['the login has no role yet', (server) => server.setLoginPassword(names, loginPassword, '1')],
  ['a template that does not exist', (server) => server.cloneDatabase(names, template)],
  ['seal what does not exist', (server) => server.sealTemplate(template, mark)],
  ['hand over what does not exist', (server) => server.handOver(names, handOver)],
  ['template', (server) => server.createTemplateDatabase(template, templatePassword)],
  ['fill', 'fill'],
  ['seal', (server) => server.sealTemplate(template, mark)],
  ['seal again', (server) => server.sealTemplate(template, { ...mark, digest: 'other' })],
  ['make a sealed one again', (server) => server.createTemplateDatabase(template, templatePassword)],
  ['roles', (server) => server.ensureTenantRoles(names)],
  ['clone', (server) => server.cloneDatabase(names, template)],
  ['hand over without a password', (server) => server.handOver(names, handOver)],
  ['password', (server) => server.setLoginPassword(names, loginPassword, '1')],
  ['clone again', (server) => server.cloneDatabase(names, template)],
  ['hand over', (server) => server.handOver(names, handOver)],
  ['hand over again', (server) => server.handOver(names, { ...handOver, adminSecret: '9' })],
  ['clone what is ready', (server) => server.cloneDatabase(names, template)],
  ['exchange without a database', (server) => server.exchangeRestored(names, restore)],
  ['check without a database', (server) => server.checkRestored(names, restore.id)],
  ['make room for a restore', (server) => server.createEmptyForRestore(names, restore.id)],
  ['exchange for what was not checked', (server) => server.exchangeRestored(names, restore)],
  ['check', (server) => server.checkRestored(names, restore.id)],
  ['make room again', (server) => server.createEmptyForRestore(names, restore.id)],
  ['nothing to abandon', (server) => server.abandonExchange(names)],
  ['administrator', (server) => server.setAdminPassword(names, loginPassword, admin)],
  ['settings', (server) => server.setSettings(names, loginPassword, testSettings('moved'), 'settings-2')],
  [
    'settings with the wrong password',
    (server) => server.setSettings(names, 'wrong', testSettings('moved'), 'settings-3'),
  ],
  [
    'administrator with the wrong password',
    (server) => server.setAdminPassword(names, 'wrong-password', admin),
  ],
  [
    'content',
    async (server) => {
      const { modules, languages } = await server.tenantContent(names, loginPassword)
      return [modules.get('base'), languages.get('en_US')]
    },
  ],
  ['begin a change', (server) => server.beginChange(names, 'one')],
  ['begin it again', (server) => server.beginChange(names, 'one')],
  ['begin another', (server) => server.beginChange(names, 'two')],
  ['drop a copy that is needed', (server) => server.dropCopies(names)],
  ['take the change back', (server) => server.undoChange(names, 'one')],
  ['take it back again', (server) => server.undoChange(names, 'one')],
  ['drop what is left', (server) => server.dropCopies(names)],
  ['forget that it failed', (server) => server.forgetFailure(names)],
  ['begin the next', (server) => server.beginChange(names, 'two')],
  ['settle it', (server) => server.settleChange(names, 'extras')],
  ['drop the copy', (server) => server.dropCopies(names)],
  ['begin one that is cut off', (server) => server.beginChange(names, 'three')],
  ['retain in the middle', (server) => server.retain(names)],
  ['begin a change of what is retained', (server) => server.beginChange(names, 'four')],
  ['go on', (server) => server.unfence(names)],
  ['modules', async (server) => (await server.moduleStates(names, loginPassword)).get('base')],
  ['verify', async (server) => (await server.verifyLogin(names, loginPassword)).kind],
  [
    'verify with the wrong password',
    async (server) => (await server.verifyLogin(names, 'wrong-password')).kind,
  ],
  ['fence', (server) => server.fence(names)],
  ['verify a fenced one', async (server) => (await server.verifyLogin(names, loginPassword)).kind],
  ['roles do not open', (server) => server.ensureTenantRoles(names)],
  ['unfence', (server) => server.unfence(names)],
  ['retain', (server) => server.retain(names)],
  ['retain again', (server) => server.retain(names)],
  ['hand over what is retained', (server) => server.handOver(names, handOver)],
  ['unfence what is retained', (server) => server.unfence(names)],
  ['drop', (server) => server.dropTenant(names)],
  ['drop again', (server) => server.dropTenant(names)],
  ['fence what is gone', (server) => server.fence(names)],
  ['unfence what is gone', (server) => server.unfence(names)],
  ['retain what is gone', (server) => server.retain(names)],
  ['roles once more', (server) => server.ensureTenantRoles(names)],
  ['a clone once more', (server) => server.cloneDatabase(names, template)],
  ['retain a clone nobody used', (server) => server.retain(names)],
  ['drop the rest', (server) => server.dropTenant(names)],
  ['drop the template', (server) => server.dropTemplate(template)],
  ['drop the template again', (server) => server.dropTemplate(template)],
]

async function tell(server: PostgresServer, fill: () => Promise<unknown>): Promise<readonly unknown[]> {
  const told: unknown[] = []
  for (const [what, call] of story) {
    const outcome = await (call === 'fill' ? fill() : call(server)).catch((error: unknown) => {
      if (error instanceof PostgresError) return `${error.fault} ${error.transient}`
      throw error
    })
    const facts = await server.tenantFacts(names)
    told.push({
      what,
      outcome,
      facts,
      template: await server.templateFacts(template),
      all: (await server.listTemplates()).length,
      tenants: await server.listTenants(),
    })
  }
  return told
}

test('both tell the same story', { timeout: 120_000 }, async () => {
  const server = connectPostgres(fixture.admin)
  const who = { user: template, password: templatePassword, database: template }
  const real = await tell(server, async () => {
    await queryAs(fixture, who, smallSchema)
  })
  await server.close()
  const fake = await tell(fakePostgres(), async () => undefined)
  for (const [i, chapter] of real.entries()) expect(fake[i]).toEqual(chapter)
})
