/** Installs the operator the way its users do: its own chart, by the real Helm, with exactly the chart's rights. */
import { join } from 'node:path'
import { operatorNamespace } from './database.ts'
import type { Kubectl } from './kubectl.ts'

export const operatorImage = 'docker.io/tenantops/operator:dev'

const chart = join(import.meta.dirname, '../charts/tenantops')

export async function installOperator(
  kubectl: Kubectl,
  set: Readonly<Record<string, string>> = {},
): Promise<void> {
  const values = Object.entries({ image: operatorImage, ...set }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ])
  await kubectl.helm('upgrade', '--install', 'tenantops', chart, '-n', operatorNamespace, ...values)
}

/** Resolves when the operator's pods are the newest ones and ready. */
export async function waitForOperator(kubectl: Kubectl): Promise<void> {
  await kubectl.run('rollout', 'status', 'deployment/tenantops', '-n', operatorNamespace, '--timeout=180s')
}
