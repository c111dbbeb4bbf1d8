/** The renderer of this operator: Helm's engine, or the Helm CLI where the engine was not built (a checkout without Go). */
import { accessSync, constants } from 'node:fs'
import { HelmEngine } from './engine.ts'
import { helmRenderer } from './render.ts'
import type { ChartRenderer } from './renderer.ts'

export interface RendererOptions {
  /** Path of the helm-engine program. */
  readonly engine: string
  /** Path of the helm program. */
  readonly helm: string
  readonly kubeVersion: string
  readonly warn: (sentence: string) => void
}

export interface OpenRenderer extends ChartRenderer {
  close(): Promise<void>
}

export function openRenderer({ engine, helm, kubeVersion, warn }: RendererOptions): OpenRenderer {
  try {
    accessSync(engine, constants.X_OK)
    return new HelmEngine({ program: engine, kubeVersion })
  } catch {
    warn(
      `setting TENANTOPS_HELM_ENGINE: ${engine} is no program; releases are rendered by ${helm}, one process each and ten times slower`,
    )
    return { ...helmRenderer({ helm, kubeVersion }), close: async () => {} }
  }
}
