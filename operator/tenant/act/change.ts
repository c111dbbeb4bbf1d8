/** Runs the steps of a change that touch Kubernetes: its Job is made and taken away; the rest is PostgreSQL's. */
import { kinds } from '../../kube/kinds.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { changeJob } from '../manifests/change-job.ts'
import { changeJobName } from '../names.ts'
import type { Step } from '../step.ts'

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>

export async function startChangeJob(task: Task, step: StepOf<'start-change-job'>): Promise<void> {
  const { client, agentImage } = task.hands
  const job = changeJob(task.observation, { ...step, agentImage })
  if (!job)
    throw new StepFailure('ChangeIncomplete', 'soon', 'what the tenant names is not all there any more')
  await client.apply(kinds.Job, job)
}

/** The Job stays visible until its pods are gone: none of them works on in the meantime. */
export async function removeChangeJob(task: Task, step: StepOf<'remove-change-job'>): Promise<void> {
  const ref = { namespace: step.namespace, name: changeJobName(step.digest) }
  await task.hands.client.delete(kinds.Job, ref, { propagation: 'Foreground' })
}
