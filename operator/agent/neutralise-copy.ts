/** Makes a restored database harmless, in one transaction, and looks afterwards, in another, whether it is. */
import { randomUUID } from 'node:crypto'
import { type Counted, harmlessQuery, judgeHarmless } from '../odoo/harmless.ts'
import { allColumnsQuery, neutraliseStatements } from '../odoo/neutralise.ts'
import { inTransaction, type Rows } from '../postgres/session.ts'
import { Verdict } from './verdict.ts'

/** Returns the evidence; throws a verdict when something is left. The copy is somebody else afterwards. */
export async function neutraliseCopy(rows: Rows): Promise<string> {
  const fresh = { uuid: randomUUID(), secret: randomUUID() }
  const columns = await columnsOf(rows)
  await inTransaction(rows, async () => {
    for (const { text, values } of neutraliseStatements(columns, fresh)) await rows.query(text, values)
  })
  return verifyNeutralised(rows)
}

/** Also for a copy that Odoo itself has neutralised. */
export async function verifyNeutralised(rows: Rows): Promise<string> {
  const { text, values } = harmlessQuery(await columnsOf(rows))
  const counted = await rows.query<{ what: string; count: number }>(text, values)
  const problem = judgeHarmless(counted satisfies readonly Counted[])
  if (problem !== undefined) throw new Verdict('NotNeutralised', problem)
  return `harmless: 0 ${counted.map(({ what }) => what).join(', 0 ')}`
}

async function columnsOf(rows: Rows): Promise<ReadonlySet<string>> {
  const found = await rows.query<{ column: string }>(allColumnsQuery.text)
  return new Set(found.map(({ column }) => column))
}
