/** What the Odoo container of a template Job runs, by series. Pure. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { seriesFacts } from './series.ts'

export interface InitInput {
  readonly series: OdooSeries
  /** Module names as the blueprint asks for them; `base` and `web` are added. */
  readonly modules: readonly string[]
  /** Odoo's code; en_US is always there. */
  readonly language: string
  /** ISO 3166, two capital letters: set before accounting is installed, which chooses its chart by it. */
  readonly country?: string | undefined
  /** ISO 4217; absent = that of the country. */
  readonly currency?: string | undefined
  readonly demo: boolean
  /** Path of odoo.conf in the container. */
  readonly configPath: string
  /** Path of launch.py (odoo/launcher.ts) in the container. */
  readonly launcherPath: string
}

/** Full argv of the container that installs: base and language, country and currency, then the modules, then bundles. */
export function initCommand(input: InitInput): readonly string[] {
  const { withDemo, withoutDemo } = seriesFacts(input.series)
  const odoo = (modules: readonly string[], ...more: readonly string[]) => [
    '-c',
    input.configPath,
    '-i',
    modules.join(','),
    ...more,
    ...(input.demo ? withDemo : withoutDemo),
    '--workers=0',
    '--max-cron-threads=0',
    '--no-http',
    '--stop-after-init',
  ]
  const language = input.language === 'en_US' ? [] : [`--load-language=${input.language}`]
  const rest = [...new Set(['web', ...input.modules])].filter((name) => name !== 'base')
  const plan = {
    config: input.configPath,
    asked: input.modules,
    country: input.country,
    currency: input.currency,
    install: [odoo(['base'], ...language), 'choose', odoo(rest)],
  }
  return ['python3', input.launcherPath, 'template', JSON.stringify(plan)]
}
