/**
 * The only writer for restores: runs one step. Each can be repeated after a crash at any instruction. Keys and credentials
 * are read here, at the moment the Job needs them, and go nowhere but into its Secret. The tenant's own database, pods and
 * spec are never touched.
 */
import { releaseJob, removeJob } from '../backup/act/held-job.ts'
import { readAccess, readKeys } from '../backup/act/read-secrets.ts'
import { makeKey } from '../backup/act.ts'
import { secretKeys } from '../backup/manifests/point-secret.ts'
import type { JobPlace } from '../backup/observation.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { keyOf } from '../kube/object.ts'
import { actOnServer } from '../postgres/ask-server.ts'
import { restoreNames } from '../postgres/restore-names.ts'
import { StepFailure } from '../tenant/failure.ts'
import { clearJob } from '../tenant/manifests/exchange-job.ts'
import { runtimeNames } from '../tenant/names.ts'
import { placeOf } from '../tenant/observe/place.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'
import { restoreNetworkPolicy, restoreSecret } from './manifests/restore-equipment.ts'
import { restoreJob } from './manifests/restore-job.ts'
import { repositoryKey, restoreLabels } from './manifests/restore-request.ts'
import type { RestoreObservation } from './observation.ts'
import type { RestoreWorld } from './observe.ts'
import { FINALIZER, FORMER_FINALIZER, type RestoreStep } from './plan.ts'

export interface RestoreHands {
  readonly client: KubeClient
  readonly world: RestoreWorld
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
  /** 256 random bits as text. */
  readonly repositoryKey: () => string
}

/** Runs `step`. Throws the drivers' typed errors or StepFailure. */
export async function actOnRestore(
  hands: RestoreHands,
  observation: RestoreObservation,
  step: RestoreStep,
): Promise<void> {
  const { client, world, agentImage } = hands
  const { restore, id, tenant, source, policy, place, point } = observation
  switch (step.kind) {
    case 'add-finalizer':
      return addFinalizer(client, restore, FINALIZER)
    case 'remove-finalizer':
      return removeFinalizer(client, restore, FINALIZER, FORMER_FINALIZER)
    case 'make-key':
      return makeKey(hands, observation, step.namespace)
    case 'create-job': {
      if (!tenant || !policy || place.kind !== 'ready' || point.kind === 'none') throw gone()
      await client.create(
        kinds.Job,
        restoreJob({ restore, id, tenant, source, point, policy, place, agentImage }),
      )
      return
    }
    case 'equip-job':
      return equipJob(hands, observation, step.job)
    case 'release-job':
      return releaseJob(client, step.job)
    case 'remove-job':
      return removeJob(client, step.job)
    case 'remove-credentials':
      await client.delete(kinds.Secret, step.job)
      return
    case 'clear-files': {
      if (!tenant || place.kind !== 'ready') throw gone()
      const manifest = clearJob({
        id,
        namespace: place.namespace,
        labels: restoreLabels(tenant, restore),
        directory: restoreNames(place.names, id)[step.what],
        plan: place.plan.spec,
        class: place.class.spec,
        agentImage,
      })
      await client.apply(kinds.Job, manifest)
      return
    }
    case 'create-database':
    case 'note-checked':
    case 'drop-database': {
      const tenantClass = world.caches.classes.get(tenant?.spec.class ?? '')
      if (!tenant || !tenantClass) throw gone()
      const { names } = placeOf(world.caches, tenant)
      return actOnServer(world.servers, tenantClass, (server) => {
        switch (step.kind) {
          case 'create-database':
            return server.createEmptyForRestore(names, id)
          case 'note-checked':
            return server.checkRestored(names, id)
          case 'drop-database':
            return server.dropOfRestore(names, step.what, id)
        }
      })
    }
  }
}

async function equipJob(
  { client, world }: RestoreHands,
  { restore, tenant, policy, place, source, point }: RestoreObservation,
  job: JobPlace,
): Promise<void> {
  if (!tenant || !policy || place.kind !== 'ready') throw gone()
  const { operatorNamespace } = world
  const access = await readAccess({ client, operatorNamespace }, policy)
  const { [secretKeys.escrow]: escrow = '', ...store } = access
  // Of a source that is gone only the escrow key is left; a zip is of no repository.
  const content =
    point.kind === 'zip'
      ? store
      : { ...access, [repositoryKey]: (await keyOfSource(client, world, source)) ?? escrow }
  await client.apply(kinds.Secret, restoreSecret({ restore, tenant }, job, content))
  await client.apply(kinds.NetworkPolicy, restoreNetworkPolicy({ restore, tenant, policy, place }, job))
}

/** The key of the source's own repository, from its runtime namespace. */
async function keyOfSource(
  client: KubeClient,
  { caches }: RestoreWorld,
  source: RestoreObservation['source'],
): Promise<string | undefined> {
  const tenant = caches.tenants.get(keyOf(source))
  if (!tenant) return undefined
  const ref = { namespace: placeOf(caches, tenant).name, name: runtimeNames.backupKey }
  if (!caches.secrets.get(keyOf(ref))) {
    // Made a moment ago by the step before, and not in the cache yet.
    const held = await client.get(kinds.Secret, ref)
    if (!held) return undefined
  }
  const [key] = await readKeys(client, ref, ['key'])
  return key
}

const gone = () =>
  new StepFailure('RestoreIncomplete', 'soon', 'what the restore needs is not all there any more')
