/**
 * Gathers what the plan of a drill needs: from the caches, and, once everything is to be taken away, from the server: which
 * of the database and roles is still there. A drill that ended and was tidied asks nobody.
 */
import { findCondition } from '../../api/condition.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { tenantOf } from '../../backup/observe/places.ts'
import { repositoryOf } from '../../backup/repository.ts'
import { keyOf } from '../../kube/object.ts'
import { askServer, type Reach } from '../../postgres/ask-server.ts'
import { repositoryAddress } from '../../restic/repository.ts'
import type { Caches } from '../../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../../tenant/manifests/labels.ts'
import { drillJob } from './job-state.ts'
import { marksOf, noMarks, type PointMarks } from './marks.ts'
import { type DrillNames, drillNames, scratchNames } from './names.ts'
import type { DrillJob, DrillObservation, Queue, Scratch, ScratchDatabase, Subject } from './observation.ts'
import { hasFinalizer, levelOf, verdictOf } from './plan.ts'
import { subjectOf } from './subject.ts'

export interface DrillWorld extends Reach {
  readonly caches: Caches
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const DEFAULT_DRILLS = 1

export async function observeDrill(world: DrillWorld, restore: TenantRestore): Promise<DrillObservation> {
  const { caches } = world
  const names = drillNames(restore)
  const ends = restore.metadata.deletionTimestamp !== undefined || verdictOf(restore) !== undefined
  const chosen = restore.status?.backup
  const subject = subjectOf(caches, restore)
  return {
    restore,
    names,
    subject,
    queue: ends || hasFinalizer(restore) ? { before: undefined } : queueOf(caches, restore),
    scratch: scratchOf(caches, restore, names),
    database: ends && hasFinalizer(restore) ? await databaseOf(world, restore, names) : { kind: 'unread' },
    job: ends ? { kind: 'absent' } : jobOf(world, names),
    backup:
      chosen === undefined
        ? undefined
        : caches.tenantBackups.get(keyOf({ namespace: restore.metadata.namespace, name: chosen })),
    marks: ends && hasFinalizer(restore) ? marksFound(caches, restore, subject) : noMarks,
  }
}

function marksFound(caches: Caches, restore: TenantRestore, subject: Subject): PointMarks {
  if (levelOf(restore) !== 'Repository') return noMarks
  const { namespace } = restore.metadata
  const backups = caches.tenantBackups.by('tenant', keyOf({ namespace, name: restore.spec.tenant }))
  const address =
    subject.kind === 'ready'
      ? repositoryAddress(repositoryOf(subject.policy, subject.tenant.metadata))
      : undefined
  return marksOf(restore, backups, address)
}

function scratchOf({ namespaces }: Caches, { metadata }: TenantRestore, names: DrillNames): Scratch {
  const found = namespaces.get(names.namespace)
  if (!found) return { kind: 'absent' }
  if (found.metadata.annotations?.[annotationKeys.restoreUid] !== metadata.uid) return { kind: 'foreign' }
  return { kind: found.metadata.deletionTimestamp === undefined ? 'present' : 'leaving' }
}

function jobOf({ caches, now }: DrillWorld, { namespace }: DrillNames): DrillJob {
  const job = caches.jobs.get(keyOf({ namespace, name: scratchNames.job }))
  if (!job) return { kind: 'absent' }
  const pods = caches.pods
    .by('restore', job.metadata.labels?.[labelKeys.restore] ?? '')
    .filter(({ metadata }) => metadata.namespace === namespace)
  return drillJob(job, pods, now())
}

/** On the servers of all classes that may have it: the namespace names one, and where it is gone the tenant does. */
async function databaseOf(
  world: DrillWorld,
  restore: TenantRestore,
  { roles }: DrillNames,
): Promise<ScratchDatabase> {
  if (levelOf(restore) === 'Repository') return { kind: 'absent' }
  for (const each of classesOf(world.caches, restore)) {
    const asked = await askServer(world, each, async ({ server }): Promise<ScratchDatabase> => {
      const facts = await server.tenantFacts(roles)
      const gone =
        facts.ownerRole === 'absent' && facts.loginRole === 'absent' && (facts.restores ?? []).length === 0
      return { kind: gone ? 'absent' : 'present' }
    })
    if (asked.kind !== 'absent') return asked
  }
  return { kind: 'absent' }
}

export function classesOf(
  { namespaces, classes, tenants }: Pick<Caches, 'namespaces' | 'classes' | 'tenants'>,
  restore: TenantRestore,
): readonly TenantClass[] {
  const noted = namespaces.get(drillNames(restore).namespace)?.metadata.annotations?.[annotationKeys.class]
  const { namespace } = restore.metadata
  const name = noted ?? tenants.get(keyOf({ namespace, name: restore.spec.tenant }))?.spec.class
  const one = name === undefined ? undefined : classes.get(name)
  return one ? [one] : classes.list()
}

/** Restores come before backups, and both before drills; of these, the one that was asked for first. */
function queueOf(caches: Caches, restore: TenantRestore): Queue {
  const { namespace, name } = restore.metadata
  const tenant = tenantOf(caches, restore)
  const policy = caches.backupPolicies.get(tenant?.spec.backupPolicy ?? '')
  if (!tenant || !policy) return { before: undefined }
  const open = caches.tenantRestores.by('state', 'open')
  const urgent = open.find(
    (each) =>
      each.spec.purpose !== 'Drill' &&
      !isStalled(each) &&
      tenantOf(caches, each)?.spec.class === tenant.spec.class,
  )
  if (urgent)
    return wait(
      'RestoreFirst',
      `TenantRestore ${keyOf(urgent.metadata)} is under way; the drill begins after it`,
    )
  const backup = caches.tenantBackups
    .by('tenant', keyOf(tenant.metadata))
    .find((each) => (findCondition(each.status?.conditions, 'Succeeded')?.status ?? 'Unknown') === 'Unknown')
  if (backup)
    return wait(
      'BackupFirst',
      `TenantBackup ${backup.metadata.name} is not done yet; the drill begins after it`,
    )
  // A place that a drill took would be taken from whoever has waited for one.
  const waiting = caches.tenantBackups
    .by('state', 'open')
    .find(({ status }) => findCondition(status?.conditions, 'Succeeded')?.reason === 'PlaceAwaited')
  if (waiting)
    return wait(
      'BackupFirst',
      `TenantBackup ${keyOf(waiting.metadata)} waits for a place; the drill begins after it`,
    )
  const limit = policy.spec.concurrency?.drills ?? DEFAULT_DRILLS
  const mine = order(restore)
  const ahead = open.filter(
    (each) =>
      each.spec.purpose === 'Drill' &&
      (each.metadata.namespace !== namespace || each.metadata.name !== name) &&
      tenantOf(caches, each)?.spec.backupPolicy === policy.metadata.name &&
      (hasFinalizer(each) || order(each) < mine),
  )
  return ahead.length >= limit
    ? wait(
        'PlaceAwaited',
        `as many drills of BackupPolicy ${policy.metadata.name} run or wait before this one as its spec.concurrency.drills allows (${limit})`,
      )
    : { before: undefined }
}

const wait = (reason: string, message: string): Queue => ({ before: { reason, message } })

const order = ({ metadata }: TenantRestore): string => `${metadata.creationTimestamp} ${keyOf(metadata)}`

/** One that was refused waits for a person: nobody waits for it. */
const isStalled = ({ status }: TenantRestore): boolean =>
  findCondition(status?.conditions, 'Stalled')?.status === 'True'
