/** The only writer for drills: runs one step. Each can be repeated after a crash at any instruction. */
import type { TenantBackup, TenantBackupStatus } from '../../api/v1alpha1/tenant-backup.ts'
import { readAccess, readKeys } from '../../backup/act/read-secrets.ts'
import { repositoryOf } from '../../backup/repository.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ConflictError } from '../../kube/errors.ts'
import { kindOf, kinds } from '../../kube/kinds.ts'
import { keyOf, withStatusOnly } from '../../kube/object.ts'
import { actOnServer } from '../../postgres/ask-server.ts'
import { repositoryAddress } from '../../restic/repository.ts'
import { StepFailure } from '../../tenant/failure.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { runtimeNames } from '../../tenant/names.ts'
import { addFinalizer, removeFinalizer } from '../finalizers.ts'
import { catalogueOf, partToRead } from './catalogue.ts'
import { checkJob, checkSecret } from './manifests/check-job.ts'
import { drillJob } from './manifests/drill-job.ts'
import { drillSecrets } from './manifests/drill-secrets.ts'
import { scratchNamespace } from './manifests/scratch-namespace.ts'
import { missingWord } from './marks.ts'
import type { DrillObservation, Subject } from './observation.ts'
import { classesOf, type DrillWorld } from './observe.ts'
import { DRILL_FINALIZER, type DrillStep, levelOf } from './plan.ts'
import { verification } from './status.ts'

/** Field manager of what a drill says in the status of a TenantBackup. */
const MANAGER = 'tenantops-drill'

export interface DrillHands {
  readonly client: KubeClient
  readonly world: DrillWorld
  readonly operatorNamespace: string
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
  readonly password: () => string
}

/** Runs `step`. Throws the drivers' typed errors or StepFailure. */
export async function actOnDrill(
  hands: DrillHands,
  observation: DrillObservation,
  step: DrillStep,
): Promise<void> {
  const { client, world } = hands
  const { restore, names } = observation
  switch (step.kind) {
    case 'add-finalizer':
      return addFinalizer(client, restore, DRILL_FINALIZER)
    case 'remove-finalizer':
      return removeFinalizer(client, restore, DRILL_FINALIZER)
    case 'create-namespace': {
      const { namespace, fences } = scratchNamespace(restore, names, ready(observation))
      await client.apply(kinds.Namespace, namespace)
      await Promise.all(fences.map((fence) => client.apply(kindFor(fence), fence)))
      return
    }
    case 'start-job':
      return startJob(hands, observation)
    case 'verify-backup':
      return verifyBackup(hands, observation)
    case 'mark-missing': {
      const backup = observation.marks.missing.find(({ metadata }) => metadata.name === step.backup)
      if (backup) await sayOf(client, backup, missingWord(restore, backup, world.now()))
      return
    }
    case 'unmark': {
      const backup = observation.marks.back.find(({ metadata }) => metadata.name === step.backup)
      // What was proved before is to be proved again.
      if (backup) await sayOf(client, backup, {})
      return
    }
    case 'drop-database':
      for (const each of classesOf(world.caches, restore))
        await actOnServer(world.servers, each, (server) => server.dropTenant(names.roles))
      return
    case 'delete-namespace':
      await client.delete(kinds.Namespace, { name: names.namespace })
      return
  }
}

/** Everything is made anew with one new password; the Job last, so that whoever finds it finds all that it needs. */
async function startJob(hands: DrillHands, observation: DrillObservation): Promise<void> {
  const { client, world, operatorNamespace, agentImage } = hands
  const { restore, names } = observation
  const subject = ready(observation)
  const access = await readAccess({ client, operatorNamespace }, subject.policy)
  const [key = ''] = await readKeys(client, { namespace: subject.runtime, name: runtimeNames.backupKey }, [
    'key',
  ])
  if (levelOf(restore) === 'Repository') {
    const address = repositoryAddress(repositoryOf(subject.policy, subject.tenant.metadata))
    const backups = world.caches.tenantBackups.by('tenant', keyOf(subject.tenant.metadata))
    const secret = checkSecret(restore, names, { key, access }, catalogueOf(backups, address))
    await client.apply(kinds.Secret, secret)
    return createJob(hands, checkJob(restore, names, subject, partToRead(subject.tenant), agentImage))
  }
  const password = hands.password()
  const { ca } = await world.servers.of(subject.class)
  await actOnServer(world.servers, subject.class, async (server) => {
    await server.ensureTenantRoles(names.roles)
    await server.setLoginPassword(names.roles, password, 'drill')
    await server.createEmptyForRestore(names.roles, names.id)
  })
  const content = { key, access, password, managerPassword: hands.password(), ca }
  for (const secret of drillSecrets(restore, names, subject, content))
    await client.apply(kinds.Secret, secret)
  await createJob(hands, drillJob(restore, names, subject, agentImage))
}

async function createJob({ client }: DrillHands, job: Manifest): Promise<void> {
  try {
    await client.create(kinds.Job, job)
  } catch (error) {
    // The cache did not know it yet: it has lost its password, so it goes, and the next look makes another.
    if (!(error instanceof ConflictError)) throw error
    const ref = { namespace: job.metadata.namespace, name: job.metadata.name }
    await client.delete(kinds.Job, ref, { propagation: 'Foreground' })
    throw new StepFailure('Conflict', 'soon', 'a Job of the drill was there already and is made anew', error)
  }
}

async function verifyBackup(
  { client, world }: DrillHands,
  { restore, backup }: DrillObservation,
): Promise<void> {
  if (!backup) return
  const said = verification(restore, backup.metadata.generation, backup.status?.conditions, world.now())
  if (!said) return
  await sayOf(client, backup, said)
}

async function sayOf(
  client: DrillHands['client'],
  backup: TenantBackup,
  said: Pick<TenantBackupStatus, 'verification' | 'conditions'>,
): Promise<void> {
  await client.applyStatus(kinds.TenantBackup, withStatusOnly(backup, said), { manager: MANAGER })
}

function ready({ subject }: DrillObservation): Extract<Subject, { kind: 'ready' }> {
  if (subject.kind === 'ready') return subject
  throw new StepFailure('DrillIncomplete', 'soon', 'what the drill needs is not all there any more')
}

function kindFor(object: Manifest) {
  const kind = kindOf(object.apiVersion, object.kind)
  if (!kind) throw new Error(`${object.apiVersion} ${object.kind} is missing in the table of kinds`)
  return kind
}
