/** What a template Job runs: `odoo -i …`, by series. Pure. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { launchArguments } from './launcher.ts'
import { seriesFacts } from './series.ts'

export interface InitInput {
  readonly series: OdooSeries
  /** Module names as the blueprint asks for them. */
  readonly modules: readonly string[]
  /** Odoo's code; en_US is always there. */
  readonly language: string
  readonly demo: boolean
  /** Path of odoo.conf in the container. */
  readonly configPath: string
  /** Path of launch.py (odoo/launcher.ts) in the container. */
  readonly launcherPath: string
}

/** Full argv of the container that installs. */
export function initCommand(input: InitInput): readonly string[] {
  const { withDemo, withoutDemo } = seriesFacts(input.series)
  return [
    ...launchArguments(input),
    '-i',
    [...new Set(['base', 'web', ...input.modules])].join(','),
    ...(input.language === 'en_US' ? [] : [`--load-language=${input.language}`]),
    ...(input.demo ? withDemo : withoutDemo),
    '--workers=0',
    '--max-cron-threads=0',
    '--no-http',
    '--stop-after-init',
  ]
}
