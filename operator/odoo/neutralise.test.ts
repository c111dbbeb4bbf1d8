import { expect, test } from 'vitest'
import { neutraliseCommand, neutraliseStatements } from './neutralise.ts'

const fresh = { uuid: 'new-uuid', secret: 'new-secret' }
const said = (columns: readonly string[]) =>
  neutraliseStatements(new Set(columns), fresh).map(({ text, values }) => [text, ...values].join(' | '))

test('only what a database has is touched; the identity always', () => {
  const statements = said([])
  expect(statements.some((text) => /^UPDATE/.test(text))).toBe(false)
  expect(statements.filter((text) => text.startsWith('INSERT INTO ir_config_parameter'))).toHaveLength(3)
  expect(statements.join('\n')).toMatch(/database\.is_neutralized \| true[\s\S]*new-secret[\s\S]*new-uuid/)
})

test('crons rest but for the vacuum, and nothing is sent, fetched or charged', () => {
  const statements = said([
    'ir_cron.active',
    'ir_mail_server.active',
    'ir_mail_server.smtp_host',
    'ir_mail_server.name',
    'fetchmail_server.active',
    'fetchmail_server.password',
    'payment_acquirer.state',
    'delivery_carrier.prod_environment',
    'iap_account.account_token',
    'auth_oauth_provider.enabled',
    'res_users.oauth_access_token',
    'res_users.google_calendar_rtoken',
    'res_company.l10n_mx_edi_pac_test_env',
    'res_company.l10n_in_edi_production_env',
    'bus_bus.id',
  ])
  expect(statements).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^UPDATE ir_cron SET active = false WHERE id NOT IN \(.*autovacuum_job'\)$/),
      'UPDATE ir_mail_server SET active = false',
      'UPDATE fetchmail_server SET active = false, password = NULL',
      "UPDATE payment_acquirer SET state = 'disabled' WHERE state NOT IN ('test', 'disabled')",
      'UPDATE delivery_carrier SET prod_environment = false',
      'UPDATE auth_oauth_provider SET enabled = false',
      'UPDATE res_users SET google_calendar_rtoken = NULL, oauth_access_token = NULL',
      'UPDATE res_company SET l10n_mx_edi_pac_test_env = true',
      'UPDATE res_company SET l10n_in_edi_production_env = false',
      'DELETE FROM bus_bus',
      "INSERT INTO ir_mail_server (name, smtp_host, active) VALUES ('This copy sends no mail', 'invalid', true)",
    ]),
  )
})

test('asked for the same database twice, the same is done', () => {
  const columns = ['ir_mail_server.active', 'ir_mail_server.smtp_host']
  expect(said(columns)).toEqual(said(columns))
  expect(said(columns)).toContain("DELETE FROM ir_mail_server WHERE smtp_host = 'invalid'")
})

test('from 16 on the modules have files of their own', () => {
  const paths = { configPath: '/etc/odoo/odoo.conf', launcherPath: '/etc/odoo/launch.py' }
  expect(neutraliseCommand({ series: '15.0', ...paths })).toBeUndefined()
  expect(neutraliseCommand({ series: '17.0', ...paths })).toEqual([
    'python3',
    '/etc/odoo/launch.py',
    'neutralize',
    '-c',
    '/etc/odoo/odoo.conf',
  ])
})
