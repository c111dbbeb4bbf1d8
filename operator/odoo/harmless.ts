/**
 * Looks whether a copy of a tenant's database is harmless, however it was made so: what it would send, fetch or charge is
 * counted. Pure: SQL to be run as the copy's login, and the judgement of what it counted.
 */
import { autovacuum, NOWHERE } from './neutralise.ts'
import { type SqlStatement, statement } from './statement.ts'

/** What must be counted 0. */
const looks: readonly {
  readonly what: string
  readonly needs: readonly string[]
  readonly from: string
}[] = [
  {
    what: 'active crons',
    needs: ['ir_cron.active'],
    from: `ir_cron WHERE active AND id NOT IN (${autovacuum})`,
  },
  {
    what: 'active mail servers',
    needs: ['ir_mail_server.active'],
    from: `ir_mail_server WHERE active AND smtp_host <> '${NOWHERE}'`,
  },
  {
    what: 'mailboxes that are fetched',
    needs: ['fetchmail_server.active'],
    from: 'fetchmail_server WHERE active',
  },
  { what: 'mails about to be sent', needs: ['mail_mail.state'], from: "mail_mail WHERE state = 'outgoing'" },
  {
    what: 'payment acquirers that charge',
    needs: ['payment_acquirer.state'],
    from: "payment_acquirer WHERE state NOT IN ('test', 'disabled')",
  },
  {
    what: 'payment providers that charge',
    needs: ['payment_provider.state'],
    from: "payment_provider WHERE state NOT IN ('test', 'disabled')",
  },
  {
    what: 'active delivery carriers',
    needs: ['delivery_carrier.active'],
    from: 'delivery_carrier WHERE active',
  },
  {
    what: 'webhooks',
    needs: ['ir_act_server.webhook_url'],
    from: `ir_act_server WHERE webhook_url NOT LIKE 'https://${NOWHERE}%' AND webhook_url NOT LIKE 'neutralization%'`,
  },
  {
    what: 'ways to log in elsewhere',
    needs: ['auth_oauth_provider.enabled'],
    from: 'auth_oauth_provider WHERE enabled',
  },
]

/** Rows: `what`, `count`. The flag and the mail server that leads nowhere are counted by their absence. */
export function harmlessQuery(columns: ReadonlySet<string>): SqlStatement {
  const counts = looks
    .filter(({ needs }) => needs.every((column) => columns.has(column)))
    .map(({ what, from }) => `SELECT '${what}' AS what, count(*)::int AS count FROM ${from}`)
  const absent = (what: string, from: string) =>
    `SELECT '${what}' AS what, (NOT EXISTS (SELECT 1 FROM ${from}))::int AS count`
  return statement(
    [
      ...counts,
      absent(
        'lack of the parameter database.is_neutralized',
        "ir_config_parameter WHERE key = 'database.is_neutralized' AND lower(value) = 'true'",
      ),
      ...(columns.has('ir_mail_server.smtp_host')
        ? [
            absent(
              'lack of a mail server that leads nowhere',
              `ir_mail_server WHERE active AND smtp_host = '${NOWHERE}'`,
            ),
          ]
        : []),
    ].join(' UNION ALL '),
  )
}

export interface Counted {
  readonly what: string
  readonly count: number
}

/** Why the copy is not harmless, in one sentence; undefined when everything was counted 0. */
export function judgeHarmless(counted: readonly Counted[]): string | undefined {
  const left = counted.filter(({ count }) => count > 0)
  if (left.length === 0 && counted.length > 0) return undefined
  const said = left.map(({ what, count }) => (what.startsWith('lack of') ? what : `${count} ${what}`))
  return `the copy is not harmless (${said.join(', ') || 'nothing was counted'}); look for a trigger or rule in its database that writes it back`
}
