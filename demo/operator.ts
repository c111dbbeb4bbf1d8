/** Installs the operator the way its users do: its own chart, by the real Helm, with exactly the chart's rights. */
import { basename, join } from 'node:path'
import { operatorNamespace } from './database.ts'
import type { Kubectl } from './kubectl.ts'

export const operatorImage = 'docker.io/tenantops/operator:dev'

const chart = join(import.meta.dirname, '../charts/tenantops')

/** `archive` names the image's content, so that pods of a former build are replaced although the tag stays the same. */
export async function installOperator(kubectl: Kubectl, archive: string): Promise<void> {
  const set = [`image=${operatorImage}`, `podAnnotations.build=${basename(archive, '.tar')}`]
  const values = set.flatMap((pair) => ['--set', pair])
  await kubectl.helm('upgrade', '--install', 'tenantops', chart, '-n', operatorNamespace, ...values)
}

/** Resolves when the operator's pods are the newest ones and ready. */
export async function waitForOperator(kubectl: Kubectl): Promise<void> {
  await kubectl.run('rollout', 'status', 'deployment/tenantops', '-n', operatorNamespace, '--timeout=180s')
}
