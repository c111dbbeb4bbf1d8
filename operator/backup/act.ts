/**
 * The only writer for points: runs one step. Each can be repeated after a crash at any instruction. Keys and credentials
 * are read here, at the moment a Job needs them, and go nowhere but into its Secret.
 */
import type { KubeClient } from '../kube/client.ts'
import { ConflictError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import { StepFailure } from '../tenant/failure.ts'
import { annotationKeys, labelKeys, tenantLabels } from '../tenant/manifests/labels.ts'
import { runtimeNames } from '../tenant/names.ts'
import { releaseJob, removeJob } from './act/held-job.ts'
import { readPointSecret } from './act/read-secrets.ts'
import { pointNetworkPolicy } from './manifests/network-policy.ts'
import { pointJob } from './manifests/point-job.ts'
import { pointSecret } from './manifests/point-secret.ts'
import type { BackupObservation, JobPlace } from './observation.ts'
import type { BackupStep, Work } from './plan.ts'

export interface BackupHands {
  readonly client: KubeClient
  readonly operatorNamespace: string
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
  /** 256 random bits as text. */
  readonly repositoryKey: () => string
}

/** Runs `step`. Throws the client's typed errors or StepFailure. */
export async function actOnBackup(
  hands: BackupHands,
  observation: BackupObservation,
  step: BackupStep,
): Promise<void> {
  const { client } = hands
  switch (step.kind) {
    case 'make-key':
      return makeKey(hands, observation, step.namespace)
    case 'create-job':
      return createJob(hands, observation, step.work)
    case 'equip-job':
      return equipJob(hands, observation, step.work, step.job)
    case 'claim-repository': {
      const { namespace, resourceVersion, writer } = step
      const metadata = { resourceVersion, annotations: { [annotationKeys.writer]: writer } }
      const ref = { namespace, name: runtimeNames.backupKey }
      await client.patch(kinds.Secret, ref, { type: 'merge', body: { metadata } })
      return
    }
    case 'release-job':
      return releaseJob(client, step.job)
    case 'remove-job':
      return removeJob(client, step.job)
    case 'remove-credentials':
      await client.delete(kinds.Secret, step.job)
      return
    case 'delete-backup': {
      const { namespace, name, uid } = observation.backup.metadata
      await client.delete(kinds.TenantBackup, { namespace, name }, { uid })
      return
    }
  }
}

/** Made once, by POST: a key that is there opens what was stored with it, whoever made it. */
export async function makeKey(
  { client, repositoryKey }: Pick<BackupHands, 'client' | 'repositoryKey'>,
  { tenant }: Pick<BackupObservation, 'tenant'>,
  namespace: string,
): Promise<void> {
  if (!tenant) throw gone()
  const name = runtimeNames.backupKey
  const labels = tenantLabels(tenant.metadata)
  try {
    await client.create(kinds.Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name, namespace, labels },
      stringData: { key: repositoryKey() },
    })
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    const held = await client.get(kinds.Secret, { namespace, name })
    if (held?.metadata.labels?.[labelKeys.tenantUid] === tenant.metadata.uid) return
    // Put back by hand from a copy, or of the tenant that was adopted: the key is right, only whose it is was not said.
    await client.patch(kinds.Secret, { namespace, name }, { type: 'merge', body: { metadata: { labels } } })
  }
}

async function createJob(
  { client, agentImage }: BackupHands,
  { backup, tenant, policy, place, others }: BackupObservation,
  work: Work,
): Promise<void> {
  if (!tenant || !policy || place.kind !== 'ready') throw gone()
  const manifest = pointJob({
    work,
    backup,
    tenant,
    policy,
    place,
    agentImage,
    readers: others.readers.length > 0,
    reread: others.drillFailed,
    prune: !others.moreToForget,
  })
  await client.create(kinds.Job, manifest)
}

async function equipJob(
  hands: BackupHands,
  { backup, tenant, policy, place }: BackupObservation,
  work: Work,
  job: JobPlace,
): Promise<void> {
  if (!tenant || !policy || place.kind !== 'ready') throw gone()
  const content = await readPointSecret(hands, { work, tenant, policy })
  await hands.client.apply(kinds.Secret, pointSecret(backup, tenant, job, content))
  const where = { policy, class: place.class }
  await hands.client.apply(kinds.NetworkPolicy, pointNetworkPolicy(work, { backup, tenant }, job, where))
}

const gone = () =>
  new StepFailure('BackupIncomplete', 'soon', 'what the backup needs is not all there any more')
