/** What a person sees of a class: whether tenants can be placed by it, and what lies on its server without one. Pure. */
import { type Condition, type ConditionChange, setCondition } from '../api/condition.ts'
import type { TenantClass, TenantClassStatus } from '../api/v1alpha1/tenant-class.ts'
import type { ClassObservation, ServerState } from './observe.ts'
import { describeOrphans } from './orphans.ts'

export function classStatus(observation: ClassObservation, now: number): TenantClassStatus {
  const { class: tenantClass, server, orphans } = observation
  const { generation } = tenantClass.metadata
  const told = orphans && describeOrphans(orphans)
  const changes: ConditionChange[] = [readiness(server), isolation(tenantClass)]
  if (told !== undefined)
    changes.push({ type: 'OrphansFound', status: 'True', reason: 'TenantsGone', message: told })
  // What a silent server does not tell is as it was told last.
  const kept = (tenantClass.status?.conditions ?? []).filter(
    ({ type }) => type !== 'OrphansFound' || told !== undefined || orphans === undefined,
  )
  return {
    observedGeneration: generation,
    conditions: changes.reduce<Condition[]>((all, each) => setCondition(all, each, generation, now), kept),
    ...(server.kind === 'fit' ? { serverVersion: server.version } : {}),
  }
}

/** Whether the walls around its tenants are as narrow as they can be: what a class leaves open, it says. */
function isolation({ spec: { postgres, ingress } }: TenantClass): ConditionChange {
  const open = [
    ...(ingress?.controllerNamespace === undefined
      ? [
          'pods of every namespace reach the web ports of its tenants; name the namespace of the ingress controller in spec.ingress.controllerNamespace',
        ]
      : []),
    ...(postgres.namespace === undefined && postgres.cidr === undefined
      ? [
          `its tenants reach every address at port ${postgres.port ?? 5432}; say where PostgreSQL is in spec.postgres.namespace or spec.postgres.cidr`,
        ]
      : []),
  ]
  return open.length === 0
    ? {
        type: 'Isolated',
        status: 'True',
        reason: 'PortsNarrow',
        message: 'tenants are reached by the ingress controller only, and reach their server only',
      }
    : { type: 'Isolated', status: 'False', reason: 'PortsOpen', message: open.join('; ') }
}

function readiness(server: ServerState): ConditionChange {
  switch (server.kind) {
    case 'fit': {
      const message = server.warnings[0] ?? `PostgreSQL ${server.version} is ready for tenants`
      return { type: 'Ready', status: 'True', reason: 'ServerReady', message }
    }
    case 'unfit':
      return { type: 'Ready', status: 'False', reason: 'DatabaseServerUnfit', message: server.problem }
    case 'unavailable':
      return { type: 'Ready', status: 'False', reason: 'DatabaseUnavailable', message: server.problem }
  }
}
