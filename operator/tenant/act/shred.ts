/** Runs the steps by which a tenant's recovery points end: the Job that shreds them, and their objects. */
import { shredJob } from '../../backup/manifests/shred-job.ts'
import { ConflictError } from '../../kube/errors.ts'
import { kinds } from '../../kube/kinds.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { shredJobName } from '../names.ts'
import type { Step } from '../step.ts'

export async function startShredJob({ hands, tenant }: Task): Promise<void> {
  const { client, agentImage, world } = hands
  const policy = world.caches.backupPolicies.get(tenant.spec.backupPolicy ?? '')
  if (!policy) throw new StepFailure('ShredIncomplete', 'soon', 'the BackupPolicy is not there any more')
  const { operatorNamespace } = world
  try {
    await client.create(kinds.Job, shredJob({ tenant, policy, operatorNamespace, agentImage }))
  } catch (error) {
    // Its name says whose it is.
    if (!(error instanceof ConflictError)) throw error
  }
}

export async function removeShredJob({ hands: { client, world }, tenant }: Task): Promise<void> {
  const ref = { namespace: world.operatorNamespace, name: shredJobName(tenant.metadata) }
  await client.delete(kinds.Job, ref, { propagation: 'Foreground' })
}

/** What they were points in is no more. */
export async function removeBackups(
  { hands: { client }, tenant }: Task,
  { names }: Extract<Step, { kind: 'remove-backups' }>,
): Promise<void> {
  const { namespace } = tenant.metadata
  for (const name of names) await client.delete(kinds.TenantBackup, { namespace, name })
}
