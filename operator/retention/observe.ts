/** Gathers what the plan for retained data needs: the namespace from the cache, and the server once the end is due. */
import type { KubeObject } from '../kube/object.ts'
import { askServer } from '../postgres/ask-server.ts'
import type { TenantDatabaseNames } from '../postgres/server.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import { databaseNames, namesOfDatabase } from '../tenant/names.ts'
import type { World } from '../tenant/world.ts'
import type { RetainedData, RetainedDatabase, RetainUntil } from './observation.ts'

/** Values of the label `tenantops.io/retained`. */
export const retention = { kept: 'true', ending: 'ending' } as const

/** What the namespace of this name retains; undefined when it retains nothing, or goes already. */
export async function observeRetained(world: World, name: string): Promise<RetainedData | undefined> {
  const namespace = world.caches.namespaces.get(name)
  if (!namespace || namespace.metadata.deletionTimestamp) return undefined
  const { labels = {}, annotations = {}, resourceVersion = '' } = namespace.metadata
  const state = labels[labelKeys.retained]
  if (state !== retention.kept && state !== retention.ending) return undefined
  const key = `${labels[labelKeys.tenantNamespace]}/${labels[labelKeys.tenant]}`
  const sweepAt = Date.parse(annotations[annotationKeys.sweepAt] ?? '')
  const data: RetainedData = {
    namespace: name,
    resourceVersion,
    tenant: key,
    names: namesIn(namespace),
    className: annotations[annotationKeys.class],
    until: untilOf(annotations[annotationKeys.retainUntil]),
    sweepAt: Number.isNaN(sweepAt) ? undefined : sweepAt,
    claimed: world.caches.tenants.get(key)?.spec.adopt === true,
    ending: state === retention.ending,
    database: { kind: 'unread' },
  }
  const due = data.ending || (data.sweepAt !== undefined && data.sweepAt <= world.now())
  return due ? { ...data, database: await databaseOf(world, data) } : data
}

function untilOf(text: string | undefined): RetainUntil {
  if (text === undefined) return { kind: 'for-ever' }
  const time = Date.parse(text)
  return Number.isNaN(time) ? { kind: 'unreadable', text } : { kind: 'until', time }
}

function namesIn({ metadata: { labels = {}, annotations = {} } }: KubeObject): TenantDatabaseNames {
  const noted = annotations[annotationKeys.database]
  return noted === undefined ? databaseNames(labels[labelKeys.tenantUid] ?? '') : namesOfDatabase(noted)
}

async function databaseOf(world: World, { className = '', names }: RetainedData): Promise<RetainedDatabase> {
  const tenantClass = world.caches.classes.get(className)
  if (!tenantClass) return { kind: 'unread' }
  return askServer(world, tenantClass, async ({ server }): Promise<RetainedDatabase> => {
    return { kind: 'read', facts: await server.tenantFacts(names) }
  })
}
