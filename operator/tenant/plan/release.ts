/**
 * The tenant's workload: odoo.conf as a Secret, then the Helm release made from class, plan and version. Pure.
 *
 * A release that somebody changed with the Helm CLI is left as it is (and said) until the tenant's own wish
 * changes: an engineer who rolls back at night must not be undone by a machine.
 */
import { findCondition } from '../../api/condition.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import { releaseDigest } from '../../helm/digest.ts'
import { describeForeign } from '../../helm/foreign.ts'
import { judgeRelease } from '../../helm/judge.ts'
import { chartValues } from '../manifests/chart-values.ts'
import { configDigest, odooSettings } from '../manifests/odoo-settings.ts'
import { releaseName } from '../names.ts'
import type { Observation } from '../observation.ts'
import type { Plan, Wait } from '../plan.ts'
import type { Step } from '../step.ts'
import { isAway } from './away.ts'
import { driftedIds, filestoreWait, planDrift } from './drift.ts'

export function planRelease(observation: Observation, now: number): Plan {
  const { tenant, place, chart, secrets, certificate } = observation
  const settings = odooSettings(observation)
  const nothing: Plan = { steps: [], waits: [] }
  if (!settings || !chart) return nothing
  const steps: Step[] = []
  const config = configDigest(settings, observation)
  if (secrets.config?.digest !== config)
    steps.push({ kind: 'write-config', namespace: place.name, digest: config, settings })

  if (certificate.kind === 'present' && !certificate.copied) {
    const { secret, version } = certificate
    steps.push({ kind: 'copy-certificate', namespace: place.name, secret, version })
  }

  const values = chartValues(observation, config)
  if (!values) return nothing
  const release = releaseName(tenant.metadata.name)
  const digest = releaseDigest(chart.digest, values)
  const verdict = judgeRelease(observation.release, digest, now)
  const files = filestoreWait(observation)
  switch (verdict.kind) {
    case 'deploy': {
      // What is sent may hold a new claim, and what is rolled ends the last pod that holds the old one.
      if (files) return { steps, waits: [files.serving ? { ...files, serving: 'updating' } : files] }
      const drifted = driftedIds(observation, now)
      const sent = drifted.length > 0 ? { drifted } : {}
      return {
        steps: [
          ...steps,
          { kind: 'deploy-release', release, namespace: place.name, digest, values, ...sent },
        ],
        waits: [],
      }
    }
    case 'hold':
      return {
        steps,
        waits: [
          ...(observation.release.kind === 'foreign'
            ? [held(describeForeign(observation.release, { release, namespace: place.name }))]
            : []),
          ...workloadWaits(observation),
        ],
      }
    case 'wait':
      return { steps, waits: [otherWriter(release, verdict.revision, verdict.until - now)] }
    case 'settled': {
      const repair = planDrift(observation, now)
      return {
        steps: [...steps, ...repair.steps],
        waits: [...(files ? [files] : []), ...repair.waits, ...workloadWaits(observation)],
      }
    }
  }
}

/** A person's rollback or upgrade stands until the spec changes: said, but no obstacle to Ready. */
function held(message: string): Wait {
  return { part: 'Deployment', reason: 'ChangedWithHelm', message, serving: 'noted' }
}

function otherWriter(release: string, revision: number, afterMs: number): Wait {
  return {
    part: 'Deployment',
    reason: 'ReleaseBusy',
    message: `somebody else is changing release ${release} (revision ${revision}); the operator goes on when that has ended`,
    checkAfterMs: Math.max(1_000, afterMs),
  }
}

/** What must still happen until a person can log in. */
function workloadWaits(observation: Observation): readonly Wait[] {
  const { workload, login, tenant } = observation
  if (tenant.spec.suspended || isAway(observation))
    return workload.pods === 0
      ? []
      : [wait('Deployment', 'Suspending', `${workload.pods} pods are still stopping`)]
  for (const [name, deployment] of [
    ['odoo-web', workload.web],
    ['odoo-cron', workload.cron],
  ] as const) {
    if (!deployment) return [wait('Deployment', 'WorkloadMissing', `Deployment ${name} is not there yet`)]
    // Scaled to 0 by hand is not served: nobody has asked the login page.
    const settled =
      deployment.observed &&
      deployment.desired > 0 &&
      deployment.updated >= deployment.desired &&
      deployment.available >= deployment.desired
    if (settled) continue
    const state = `Deployment ${name} has ${deployment.available} of ${deployment.desired} pods available`
    // Cron is not in the way of a person who logs in, nor is a web whose former pods go on answering.
    const serving =
      name === 'odoo-cron' || (deployment.desired > 0 && deployment.available >= deployment.desired)
    const kept = serving && isReady(tenant) ? ({ serving: 'updating' } as const) : {}
    if (workload.problem)
      return [{ ...wait('Deployment', 'PodsFailing', `${state}: ${workload.problem}`), ...kept }]
    // What becomes of a pod without a place is seen when it is old enough, though nothing may happen until then.
    const look = workload.unjudgedMs === undefined ? {} : { checkAfterMs: workload.unjudgedMs }
    if (name === 'odoo-web' || workload.unjudgedMs !== undefined)
      return [{ ...wait('Deployment', 'PodsStarting', state), ...kept, ...look }]
  }
  if (login.kind === 'front') return [stillAtFront]
  if (login.kind === 'unreached' && workload.unroutedMs !== undefined && !isReady(tenant))
    return [notYetRouted(login.problem)]
  if (login.kind === 'failed' || login.kind === 'unreached')
    return [{ ...wait('Login', 'LoginFailing', login.problem), checkAfterMs: 1_000 }]
  return []
}

/** Nodes learn at their own pace where a Service leads: usually within some tens of milliseconds. */
const ROUTED_SOON_MS = 200

/** It has left the Service, and not every node has heard of it. */
const stillAtFront: Wait = {
  ...wait(
    'Deployment',
    'PodsStarting',
    "the front desk still answers at the tenant's Service, in Odoo's place",
  ),
  checkAfterMs: ROUTED_SOON_MS,
}

/** Its pods have just come, or come back, and not every node has heard of it. */
const notYetRouted = (problem: string): Wait => ({
  ...wait(
    'Deployment',
    'PodsStarting',
    `Odoo's pods are ready, and the tenant's Service does not lead there yet: ${problem}`,
  ),
  checkAfterMs: ROUTED_SOON_MS,
})

function isReady({ status }: OdooTenant): boolean {
  return findCondition(status?.conditions, 'Ready')?.status === 'True'
}

function wait(part: Wait['part'], reason: string, message: string): Wait {
  return { part, reason, message }
}
