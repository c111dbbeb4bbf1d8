/** What a template Job runs: `odoo -i …`, by series. Pure. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'

export interface InitInput {
  readonly series: OdooSeries
  /** Module names as the blueprint asks for them; `base` is added. */
  readonly modules: readonly string[]
  readonly language: string
  readonly demo: boolean
  /** Path of odoo.conf in the container. */
  readonly configPath: string
  /** Path of launch.py (odoo/launcher.ts) in the container. */
  readonly launcherPath: string
}

/** Full argv of the container that installs. */
export declare function initCommand(input: InitInput): readonly string[]
