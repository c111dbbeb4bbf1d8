/**
 * Turns what Odoo has installed into a template: verifies the modules, applies country, currency, language and
 * parameters, moves files from the filestore into the database, and vacuums. Repeatable. Works as the template's role.
 */
import { languageStatements } from '../odoo/identity.ts'
import { judgeModules, moduleStatesQuery } from '../odoo/modules.ts'
import { parameterStatements } from '../odoo/parameters.ts'
import type { SqlStatement } from '../odoo/statement.ts'
import type { PostgresSettings } from '../postgres/server.ts'
import { inTransaction, longStatementTimeout, type Rows, type Sessions } from '../postgres/session.ts'
import { moveFilesIntoDatabase } from './attachments.ts'
import type { TemplateResult, TemplateSpec } from './contract.ts'
import { settingsAs } from './settings-as.ts'

/** `readCa` is called only when the server is to be verified. */
export function settingsOf(spec: TemplateSpec, password: string, readCa: () => string): PostgresSettings {
  const login = { user: spec.database, password, passwordSource: "the Job's Secret" }
  return settingsAs(login, spec, readCa)
}

/** `data`: Odoo's data_dir. Throws PostgresError or an Error with one sentence for faults worth a retry. */
export async function finishTemplate(
  spec: TemplateSpec,
  sessions: Sessions,
  data: string,
): Promise<TemplateResult> {
  const start = performance.now()
  const entrance = {
    database: spec.database,
    user: sessions.admin.user,
    password: sessions.admin.password,
    passwordSource: sessions.admin.passwordSource,
  }
  return sessions.session(
    entrance,
    `finish template ${spec.database}`,
    async (rows) => {
      const states = await moduleStates(rows)
      const verdict = judgeModules({ ...spec, asked: spec.modules, states })
      if (verdict.kind === 'problem') return { ok: false, reason: verdict.reason, problem: verdict.sentence }
      const unknown = await unknownChoice(rows, spec)
      if (unknown !== undefined) return unknown
      const attachments = await inTransaction(rows, async () => {
        for (const statement of choiceStatements(spec)) await rows.query(statement.text, statement.values)
        // The login that made the bundles is nobody's.
        await rows.query('DELETE FROM res_users_log')
        return moveFilesIntoDatabase(rows, `${data}/filestore/${spec.database}`)
      })
      // Frozen and counted, so that no clone has to do it again.
      await rows.query('VACUUM (FREEZE, ANALYZE)')
      const modules = [...states].filter(([, state]) => state === 'installed').map(([name]) => name)
      return { ok: true, modules, attachments, seconds: Math.round((performance.now() - start) / 100) / 10 }
    },
    longStatementTimeout,
  )
}

async function moduleStates(rows: Rows): Promise<ReadonlyMap<string, string>> {
  const [there] = await rows.query<{ there: boolean }>(
    "SELECT to_regclass('public.ir_module_module') IS NOT NULL AS there",
  )
  if (there?.there !== true) {
    throw new Error(
      'Odoo left the database empty although it ended with exit code 0; look at the log of container odoo',
    )
  }
  const found = await rows.query<{ name: string; state: string }>(moduleStatesQuery.text)
  return new Map(found.map((row) => [row.name, row.state]))
}

const choices = [
  { field: 'language', query: 'SELECT 1 FROM res_lang WHERE code = $1 AND active', what: 'language' },
  { field: 'country', query: 'SELECT 1 FROM res_country WHERE code = $1', what: 'country' },
  { field: 'currency', query: 'SELECT 1 FROM res_currency WHERE name = $1', what: 'currency' },
] as const

/** Odoo passes over a language, country or currency it does not know. */
async function unknownChoice(rows: Rows, spec: TemplateSpec): Promise<TemplateResult | undefined> {
  for (const { field, query, what } of choices) {
    const value = spec[field]
    if (value === undefined || (await rows.query(query, [value])).length > 0) continue
    return {
      ok: false,
      reason: 'ChoiceUnknown',
      problem: `blueprint ${spec.blueprint} names ${what} ${value}, which Odoo ${spec.series} (image ${spec.image}) does not have; correct spec.${field}`,
    }
  }
  return undefined
}

const mainCompany = "(SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'main_company')"

/** Country and currency once more: a chart of accounts sets its own currency. */
function choiceStatements(spec: TemplateSpec): readonly SqlStatement[] {
  const statements: SqlStatement[] = []
  if (spec.country !== undefined) {
    statements.push({
      text: `UPDATE res_partner SET country_id = (SELECT id FROM res_country WHERE code = $1)
              WHERE id = (SELECT partner_id FROM res_company WHERE id = ${mainCompany})`,
      values: [spec.country],
    })
  }
  if (spec.currency !== undefined) {
    statements.push(
      { text: 'UPDATE res_currency SET active = true WHERE name = $1', values: [spec.currency] },
      {
        text: `UPDATE res_company SET currency_id = (SELECT id FROM res_currency WHERE name = $1) WHERE id = ${mainCompany}`,
        values: [spec.currency],
      },
    )
  }
  return [...statements, ...languageStatements(spec.language), ...parameterStatements(spec.parameters)]
}
