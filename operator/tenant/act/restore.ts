/** Runs the steps of an exchange that touch Kubernetes; the rest of it is PostgreSQL's. */
import { kinds } from '../../kube/kinds.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { clearJob, exchangeJob } from '../manifests/exchange-job.ts'
import { annotationKeys, labelKeys, tenantLabels } from '../manifests/labels.ts'
import { clearJobName } from '../names.ts'
import type { Step } from '../step.ts'

export async function startExchangeJob(
  task: Task,
  { namespace, names, id, restore }: Extract<Step, { kind: 'start-exchange-job' }>,
): Promise<void> {
  const { client, agentImage } = task.hands
  const job = exchangeJob(task.observation, { namespace, names, id, restore, agentImage })
  if (!job)
    throw new StepFailure('RestoreIncomplete', 'soon', 'what the tenant names is not all there any more')
  await client.apply(kinds.Job, job)
}

export async function clearFormer(
  { hands: { client, agentImage }, observation: { settings }, tenant }: Task,
  { namespace, names, id }: Extract<Step, { kind: 'clear-former' }>,
): Promise<void> {
  if (!settings.class || !settings.plan)
    throw new StepFailure('RestoreIncomplete', 'soon', 'what the tenant names is not all there any more')
  await client.apply(
    kinds.Job,
    clearJob({
      id,
      namespace,
      // Its TenantRestore, whose name it would be, is gone.
      labels: { ...tenantLabels(tenant.metadata), [labelKeys.restore]: id },
      directory: restoreNames(names, id).former,
      plan: settings.plan.spec,
      class: settings.class.spec,
      agentImage,
    }),
  )
}

export async function removeClearJob(
  { hands: { client } }: Task,
  { namespace, id }: Extract<Step, { kind: 'remove-clear-job' }>,
): Promise<void> {
  await client.delete(kinds.Job, { namespace, name: clearJobName(id) }, { propagation: 'Foreground' })
}

/** On the tenant itself, where the person who may lift it finds it. */
export async function denyEgress({ hands: { client }, tenant }: Task): Promise<void> {
  const { namespace, name } = tenant.metadata
  await client.patch(
    kinds.OdooTenant,
    { namespace, name },
    { type: 'merge', body: { metadata: { annotations: { [annotationKeys.egress]: 'denied' } } } },
  )
}
