/**
 * The end of a tenant. `Retain` (the default) takes the runtime away and keeps database, filestore and Secrets,
 * sealed and labelled; `Delete` removes them too, and only because the spec says that word. Pure.
 *
 * Order matters: pods first, then (when none is left) the final recovery point of a tenant that is backed up, the
 * database, the namespace, the finalizer; so nothing is ever dropped under a running Odoo, nothing is written after the
 * point, and a crash anywhere goes on where it was. The points themselves end last, and only when the spec says so.
 */
import { releaseName } from '../names.ts'
import type { Observation } from '../observation.ts'
import { FINALIZER, type Plan, type Wait } from '../plan.ts'
import type { Step } from '../step.ts'
import { planFinalBackup } from './final-backup.ts'
import { planShred } from './shred.ts'

export function planDeletion(observation: Observation): Plan {
  const { tenant, place, release, workload, postgres, front } = observation
  if (!tenant.metadata.finalizers?.includes(FINALIZER)) return { steps: [], waits: [] }
  const removeFinalizer: Step = { kind: 'remove-finalizer' }
  const final = planFinalBackup(observation)
  const erase = tenant.spec.deletionPolicy === 'Delete' && final.kind !== 'impossible'

  // What it asked to adopt is not its own yet: it stays sealed.
  if (place.facts.kind === 'adoptable' || place.facts.kind === 'unadoptable')
    return { steps: [removeFinalizer], waits: [] }

  const standing = place.facts.kind === 'ours'
  const slices = Object.keys(front.standing)
  // They are no part of the release: nobody else would take them away.
  if (standing && slices.length > 0) {
    return {
      steps: [{ kind: 'point-away-from-front', namespace: place.name, slices }],
      waits: podsGo(observation),
    }
  }
  if (standing && release.kind !== 'absent') {
    return {
      steps: [
        { kind: 'uninstall-release', release: releaseName(tenant.metadata.name), namespace: place.name },
      ],
      waits: podsGo(observation),
    }
  }
  // Somebody removed Helm's records by hand: what they described is removed by its name.
  if (standing && (workload.web || workload.cron)) {
    return { steps: [{ kind: 'delete-deployments', namespace: place.name }], waits: podsGo(observation) }
  }
  const { jobs } = observation.change
  if (standing && jobs.length > 0) {
    return {
      steps: jobs
        .filter(({ state }) => state.kind !== 'leaving')
        .map(({ digest }) => ({ kind: 'remove-change-job', namespace: place.name, digest }) as const),
      waits: [
        { part: 'Deployment', reason: 'PodsStopping', message: 'the Job of a change is still stopping' },
      ],
    }
  }
  // A namespace that somebody deleted still has its pods for a while.
  if ((standing || place.facts.kind === 'terminating') && workload.pods > 0)
    return { steps: [], waits: podsGo(observation) }

  switch (postgres.kind) {
    case 'unread':
      break
    case 'unavailable':
      return {
        steps: [],
        waits: [
          {
            part: 'Database',
            reason: 'DatabaseUnavailable',
            message: `${postgres.problem}; the tenant is deleted as soon as the server answers`,
            checkAfterMs: 5_000,
          },
        ],
      }
    case 'read': {
      if (erase && final.kind === 'due') return final.plan
      const { names } = place
      const { tenant: facts } = postgres
      if (
        erase &&
        (facts.database.kind !== 'absent' || facts.ownerRole === 'present' || facts.loginRole !== 'absent')
      ) {
        return { steps: [{ kind: 'drop-database', names }], waits: [] }
      }
      const alive =
        facts.database.kind === 'ready' ||
        facts.database.kind === 'cloned' ||
        facts.database.kind === 'invalid' ||
        facts.loginRole === 'login'
      if (!erase && alive) {
        const instead = final.kind === 'impossible' ? { instead: final.why } : {}
        return { steps: [{ kind: 'retain-database', names, ...instead }], waits: [] }
      }
    }
  }
  if (erase && final.kind === 'due') return final.plan

  if (place.facts.kind === 'ours' && erase) {
    return { steps: [{ kind: 'delete-namespace', namespace: place.name }], waits: [] }
  }
  if (place.facts.kind === 'terminating') {
    return {
      steps: [],
      waits: [
        {
          part: 'Runtime',
          reason: 'NamespaceTerminating',
          message: `namespace ${place.name} is being deleted`,
          checkAfterMs: 2_000,
        },
      ],
    }
  }
  if (place.facts.kind === 'ours' && !place.facts.retained) {
    const until = tenant.spec.retainUntil
    return {
      steps: [{ kind: 'label-retained', namespace: place.name, until }, removeFinalizer],
      waits: [],
    }
  }
  return planShred(observation, final.kind === 'settled') ?? { steps: [removeFinalizer], waits: [] }
}

function podsGo(observation: Observation): readonly Wait[] {
  const { pods } = observation.workload
  return pods === 0
    ? []
    : [{ part: 'Deployment', reason: 'PodsStopping', message: `${pods} pods are still stopping` }]
}
