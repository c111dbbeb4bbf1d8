/** Did Odoo install what was asked for? It ignores unknown names with exit code 0, so the database is asked. Pure. */

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

export declare function judgeModules(question: ModuleQuestion): ModuleVerdict
