/** Did Odoo install what was asked for? It ignores unknown names with exit code 0, so the database is asked. Pure. */
import type { SqlStatement } from './statement.ts'

export type ModuleVerdict =
  | { readonly kind: 'installed' }
  /** One sentence for the blueprint's condition; terminal until the blueprint or the image changes. */
  | {
      readonly kind: 'problem'
      readonly reason: 'ModuleUnknown' | 'ModuleNotInstallable' | 'ModuleNotInstalled' | 'ModuleStuck'
      readonly sentence: string
    }

export interface ModuleQuestion {
  readonly blueprint: string
  readonly series: string
  readonly image: string
  readonly asked: readonly string[]
  /** `ir_module_module`: name → state. */
  readonly states: ReadonlyMap<string, string>
}

/** Rows: `name`, `state`. Bounded, since a tenant's administrator can put anything there. */
export const moduleStatesQuery: SqlStatement = {
  text: 'SELECT left(name::text, 200) AS name, left(state::text, 50) AS state FROM ir_module_module ORDER BY name LIMIT 10000',
  values: [],
}

/** Rows: `code`, `active`. Bounded like the modules. */
export const languagesQuery: SqlStatement = {
  text: 'SELECT left(code::text, 50) AS code, coalesce(active, false) AS active FROM res_lang ORDER BY code LIMIT 1000',
  values: [],
}

export function judgeModules(question: ModuleQuestion): ModuleVerdict {
  const { asked, states } = question
  const odoo = `Odoo ${question.series} (image ${question.image})`
  const stateIs = (...wanted: readonly (string | undefined)[]) =>
    asked.filter((name) => wanted.includes(states.get(name)))
  const says = (
    reason: Extract<ModuleVerdict, { kind: 'problem' }>['reason'],
    text: string,
  ): ModuleVerdict => ({
    kind: 'problem',
    reason,
    sentence: `blueprint ${question.blueprint} ${text}`,
  })

  const unknown = stateIs(undefined)
  if (unknown.length > 0) {
    const hints = unknown.flatMap((name) => nearest(name, states.keys()) ?? [])
    const hint = hints.length > 0 ? ` (did you mean ${hints.join(', ')}?)` : ''
    return says(
      'ModuleUnknown',
      `names ${named(unknown)}, which ${odoo} does not have; correct spec.modules${hint}`,
    )
  }
  const uninstallable = stateIs('uninstallable')
  if (uninstallable.length > 0) {
    return says(
      'ModuleNotInstallable',
      `names ${named(uninstallable)}, which ${odoo} has but marks as not installable; remove it from spec.modules, or use an image in which it can be installed`,
    )
  }
  const stuck = [...states].filter(([, state]) => state.startsWith('to ')).map(([name]) => name)
  if (stuck.length > 0) {
    return says(
      'ModuleStuck',
      `asks for modules of which ${named(stuck.slice(0, 10))} got stuck half installed in ${odoo}, mostly for a missing dependency; look at the log of the template's Job, then correct spec.modules or the image`,
    )
  }
  const missing = asked.filter((name) => states.get(name) !== 'installed')
  if (missing.length > 0) {
    return says(
      'ModuleNotInstalled',
      `names ${named(missing)}, which ${odoo} has but did not install; look at the log of the template's Job, then correct spec.modules or the image`,
    )
  }
  return { kind: 'installed' }
}

function named(names: readonly string[]): string {
  return `${names.length === 1 ? 'module' : 'modules'} ${names.join(', ')}`
}

/** The known name at the smallest distance, when it is small for the word's length. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 4)) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue
    const distance = editDistance(word, candidate)
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const at = (values: readonly number[], k: number) => values[k] ?? Number.POSITIVE_INFINITY
      let cost = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
