/**
 * Whether what a change was to put into a tenant's database is there: every module installed, none that hangs, every
 * language active. Changes nothing. Works as the tenant's own login.
 */
import { judgeExtras, type OdooOutcome } from '../odoo/extras.ts'
import { languagesQuery, moduleStatesQuery } from '../odoo/modules.ts'
import type { PostgresSettings } from '../postgres/server.ts'
import type { Sessions } from '../postgres/session.ts'
import type { ChangeResult, ChangeSpec } from './contract.ts'
import { settingsAs } from './settings-as.ts'

/** `readCa` is called only when the server is to be verified. */
export function loginSettingsOf(spec: ChangeSpec, password: string, readCa: () => string): PostgresSettings {
  const login = { user: spec.login, password, passwordSource: "the tenant's database Secret" }
  return settingsAs(login, spec, readCa)
}

export async function verifyChange(
  spec: ChangeSpec,
  sessions: Sessions,
  outcome: OdooOutcome | undefined,
): Promise<ChangeResult> {
  const { user, password, passwordSource } = sessions.admin
  const entrance = { database: spec.database, user, password, passwordSource }
  return sessions.session(entrance, `look into database ${spec.database}`, async (rows) => {
    const modules = await rows.query<{ name: string; state: string }>(moduleStatesQuery.text)
    const languages = await rows.query<{ code: string; active: boolean }>(languagesQuery.text)
    const held = {
      modules: new Map(modules.map((row) => [String(row.name), String(row.state)])),
      languages: new Map(languages.map((row) => [String(row.code), row.active])),
    }
    const problem = judgeExtras(spec, held, outcome)
    if (problem !== undefined) return { ok: false, problem }
    return { ok: true, modules: spec.modules, languages: spec.languages }
  })
}
