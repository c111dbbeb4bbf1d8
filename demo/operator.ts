/** Installs the operator the way its users do: its own chart, by the real Helm, with exactly the chart's rights. */
import { basename, join } from 'node:path'
import { operatorNamespace } from './database.ts'
import type { Kubectl } from './kubectl.ts'

export const operatorImage = 'docker.io/tenantops/operator:dev'

const chart = join(import.meta.dirname, '../charts/tenantops')

/**
 * `archive` names the image's content, so that pods of a former build are replaced although the tag stays the same.
 * `more`: values of the chart, as `--set` takes them.
 */
export async function installOperator(
  kubectl: Kubectl,
  archive: string,
  more: readonly string[],
): Promise<void> {
  // On one node a second pod of the front desk would only take memory.
  const set = [
    `image=${operatorImage}`,
    'front.replicas=1',
    `podAnnotations.build=${basename(archive, '.tar')}`,
    ...more,
  ]
  const values = set.flatMap((pair) => ['--set', pair])
  await kubectl.helm('upgrade', '--install', 'tenantops', chart, '-n', operatorNamespace, ...values)
}

/** Resolves when the pods of the operator and the front desk are the newest ones and ready. */
export async function waitForOperator(kubectl: Kubectl): Promise<void> {
  for (const name of ['tenantops', 'tenantops-front'])
    await kubectl.run('rollout', 'status', `deployment/${name}`, '-n', operatorNamespace, '--timeout=180s')
}
