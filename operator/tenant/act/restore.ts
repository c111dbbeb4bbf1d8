/** Runs the steps of an exchange that touch Kubernetes; the rest of it is PostgreSQL's. */
import { kinds } from '../../kube/kinds.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { exchangeJob } from '../manifests/exchange-job.ts'
import { annotationKeys } from '../manifests/labels.ts'
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

/** On the tenant itself, where the person who may lift it finds it. */
export async function denyEgress({ hands: { client }, tenant }: Task): Promise<void> {
  const { namespace, name } = tenant.metadata
  await client.patch(
    kinds.OdooTenant,
    { namespace, name },
    { type: 'merge', body: { metadata: { annotations: { [annotationKeys.egress]: 'denied' } } } },
  )
}
