/**
 * The ground a tenant stands on: its finalizer, its fenced namespace and the two Secrets that hold generated
 * passwords. Pure.
 *
 * A Secret carries a serial; the database's mark says which serial was set there. So a Secret that was deleted
 * by hand is made again with the next serial, and everything made from the old one follows.
 */

import { digestOf } from '../../helm/digest.ts'
import { adminLogin, tenantUrl } from '../address.ts'
import { runtimeNamespace, stampOf } from '../manifests/runtime-namespace.ts'
import { adminSecretName, runtimeNames } from '../names.ts'
import type { Observation, PostgresFacts } from '../observation.ts'
import { FINALIZER, type Plan, type Wait } from '../plan.ts'
import { adminSerial, loginSerial, rotationDue } from '../serial.ts'
import type { Step } from '../step.ts'

export function planRuntime(observation: Observation): Plan {
  const { tenant, settings, place, secrets } = observation
  if (!settings.plan || !settings.class) return { steps: [], waits: [] }
  const steps: Step[] = []
  if (!tenant.metadata.finalizers?.includes(FINALIZER)) steps.push({ kind: 'add-finalizer' })

  const wanted = runtimeNamespace(tenant.metadata, place, {
    plan: settings.plan.spec,
    className: tenant.spec.class,
  })
  switch (place.facts.kind) {
    case 'absent':
      steps.push({ kind: 'create-namespace', place: wanted })
      break
    case 'ours': {
      const { digest, fences: standing } = place.facts
      const namespace = digest === stampOf(wanted.namespace) ? undefined : wanted.namespace
      const fences = wanted.fences.filter((fence) => standing[fence.kind] !== stampOf(fence))
      if (namespace || fences.length > 0)
        steps.push({ kind: 'apply-namespace', name: place.name, namespace, fences })
      break
    }
    case 'terminating':
      return { steps, waits: [terminating(place.name)] }
    case 'adoptable':
      // Only with the word of PostgreSQL (adoption.ts), and nothing else before the namespace is ours.
      if (observation.postgres.kind !== 'read' || observation.postgres.problem) return { steps, waits: [] }
      steps.push({ kind: 'adopt-namespace', namespace: place.name, secrets: place.facts.secrets })
      return { steps, waits: [] }
    case 'foreign':
    case 'unadoptable':
      return { steps, waits: [] }
  }

  const url = tenantUrl(settings.class, observation.hosts)
  const digest = digestOf(url)
  const name = adminSecretName(tenant.metadata.name)
  if (secrets.admin && secrets.admin.digest !== digest)
    steps.push({ kind: 'set-admin-url', name, url, digest })

  // The next serial stands in the database's mark: without it a new Secret could repeat an old serial.
  if (observation.postgres.kind !== 'read') return { steps, waits: [] }
  if (!secrets.admin) {
    steps.push({
      kind: 'create-admin-secret',
      name,
      login: adminLogin(tenant),
      url,
      digest,
      serial: adminSerial(observation),
      rotation: tenant.spec.admin?.rotation,
    })
  }
  const rotation = tenant.spec.admin?.rotation
  // Not while the database cannot follow: the password that stands there would be wrong until it can.
  if (rotation !== undefined && rotationDue(tenant, secrets.admin) && mayFollow(observation.postgres))
    steps.push({ kind: 'rotate-admin-secret', name, serial: adminSerial(observation), rotation })
  if (!secrets.database) {
    steps.push({
      kind: 'create-database-secret',
      namespace: place.name,
      name: runtimeNames.databaseSecret,
      username: place.names.login,
      serial: loginSerial(observation),
    })
  }
  return { steps, waits: [] }
}

/** Nothing that the plan of the database waits for stands in the way of a new password. */
function mayFollow(postgres: PostgresFacts): boolean {
  if (postgres.kind !== 'read' || postgres.problem !== undefined) return false
  const { database, loginRole } = postgres.tenant
  return loginRole !== 'nologin' && database.kind !== 'foreign' && database.kind !== 'retained'
}

function terminating(namespace: string): Wait {
  return {
    part: 'Runtime',
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is still being deleted; if it does not go, look at its conditions with \`kubectl get namespace ${namespace} -o yaml\``,
    checkAfterMs: 5_000,
  }
}
