/**
 * A copy of production sends no mail and runs no cron, shown by the same forced run in both: with the same mails waiting,
 * the same jobs due and the same way out, the mail server hears of production and nothing of the copy.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { pointMade, restored } from './restores.ts'
import { type SmtpTrap, withSmtpTrap } from './smtp-trap.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'stationers'
const subjects = ['Invoice 1', 'Invoice 2', 'Invoice 3']

describe('a clone beside its production', () => {
  let story: Story
  let trap: SmtpTrap
  let production: OdooTenant
  let copy: OdooTenant

  const sql = (of: OdooTenant, query: string) => asSuperuser(story, databaseOf(of), query)
  const visit = async (name: string): Promise<Visitor> => {
    const visitor = openVisitor(story.port, `${name}.localhost`)
    expect(await visitor.logIn('admin', await story.secret(namespace, `${name}-admin`, 'password'))).toBe(
      true,
    )
    return visitor
  }
  const count = async (of: OdooTenant, query: string) => Number((await sql(of, query))[0])
  /** Every job is due at once, and the process that runs them begins anew: what a careless person does to a copy. */
  const forceCrons = async (of: OdooTenant) => {
    await sql(of, "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 hour'")
    const runtime = runtimeOf(of)
    await story.run('rollout', 'restart', 'deployment/odoo-cron', '-n', runtime)
    await story.run('rollout', 'status', 'deployment/odoo-cron', '-n', runtime, '--timeout=180s')
  }
  const due = (of: OdooTenant) =>
    count(of, "SELECT count(*) FROM ir_cron WHERE active AND nextcall < now() AT TIME ZONE 'UTC'")
  const waiting = (of: OdooTenant) => count(of, "SELECT count(*) FROM mail_mail WHERE state = 'outgoing'")
  const fromOdoo = async () =>
    (await trap.mails()).map(({ subject }) => subject).filter((subject) => subjects.includes(subject))

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('quickstart', '45-backups.yaml')
    await story.example('clone-silent', '10-production.yaml')
    trap = await withSmtpTrap(story, namespace)
    production = await story.ready({ namespace, name: 'quill' })
    const visitor = await visit('quill')
    const server = { name: 'Out', smtp_host: trap.host, smtp_port: trap.port, smtp_encryption: 'none' }
    await visitor.call('ir.mail_server', 'create', [server])
    for (const subject of subjects) {
      const mail = {
        subject,
        email_to: 'customer@example.com',
        email_from: 'shop@example.com',
        state: 'outgoing',
      }
      await visitor.call('mail.mail', 'create', [{ ...mail, body_html: '<p>Please pay.</p>' }])
    }
    await story.example('clone-silent', '20-backup.yaml')
    await pointMade(story, { namespace, name: 'quill-now' })
    await story.ready({ namespace, name: 'quill-staging' })
    await story.example('clone-silent', '30-clone.yaml')
    await restored(story, { namespace, name: 'quill-to-staging' })
    copy = await story.ready({ namespace, name: 'quill-staging' })
    for (const each of [production, copy]) await trap.openTo(runtimeOf(each))
  })
  afterAll(() => end(story, namespace))

  it('has the mails that waited in production, and did not send them when it came up', async () => {
    const subjectsHeld = await sql(
      copy,
      'SELECT s.subject FROM mail_mail m JOIN mail_message s ON s.id = m.mail_message_id ORDER BY 1',
    )
    expect(subjectsHeld).toEqual(expect.arrayContaining(subjects))
    expect(await fromOdoo()).toEqual([])
  })

  it('runs no job of production when all are due, and sends nothing that is sent by hand', async () => {
    const visitor = await visit('quill-staging')
    const mail = { subject: subjects[0], email_to: 'customer@example.com', state: 'outgoing' }
    const written = await visitor.call<number>('mail.mail', 'create', [{ ...mail, body_html: '<p>Test</p>' }])
    await forceCrons(copy)
    // Odoo's own clean-up is all that may run: its turn shows that the jobs had theirs.
    await eventually('the jobs of the copy to have had their turn', 120, async () => (await due(copy)) === 0)
    expect(await waiting(copy)).toBe(1)
    await visitor.call('mail.mail', 'send', [[written]])
    const [state] = await sql(copy, `SELECT state FROM mail_mail WHERE id = ${written}`)
    console.log(`a mail that is sent by hand in the copy: ${state}`)
    expect(state).not.toBe('sent')
    expect(await fromOdoo()).toEqual([])
  })

  it('while the same forced run in production sends them all', async () => {
    expect(await waiting(production)).toBe(subjects.length)
    await forceCrons(production)
    await eventually('the mails of production', 120, async () => (await fromOdoo()).length >= subjects.length)
    expect((await fromOdoo()).sort()).toEqual(subjects)
  })
})
