/** RBAC rules of the operator and the front desk, from the table of kinds: what the chart's roles contain, and nothing more. */
import { type Kind, kinds, type Verb } from './kinds.ts'

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly Verb[]
}

/** Rights in every namespace and on cluster-scoped kinds: the ClusterRole. */
export function clusterRules(table: Readonly<Record<string, Kind>> = kinds): PolicyRule[] {
  return grouped(
    Object.values(table).flatMap((kind) => [
      right(kind, kind.plural, kind.verbs),
      ...Object.entries(kind.subresources ?? {}).map(([name, verbs]) =>
        right(kind, `${kind.plural}/${name}`, verbs),
      ),
    ]),
  )
}

/** Rights in the operator's own namespace only: the Role. */
export function homeRules(table: Readonly<Record<string, Kind>> = kinds): PolicyRule[] {
  return grouped(Object.values(table).map((kind) => right(kind, kind.plural, kind.home ?? [])))
}

/** Rights of the front desk, which only looks: its ClusterRole. */
export function frontRules(table: Readonly<Record<string, Kind>> = kinds): PolicyRule[] {
  return grouped(Object.values(table).map((kind) => right(kind, kind.plural, kind.front ?? [])))
}

interface Right {
  readonly group: string
  readonly resource: string
  readonly verbs: readonly Verb[]
}

function right(kind: Kind, resource: string, verbs: readonly Verb[]): Right {
  return { group: kind.group, resource, verbs: [...verbs].sort() }
}

/** One rule per (group, set of verbs), in a stable order, so that the generated chart changes only when rights do. */
function grouped(rights: readonly Right[]): PolicyRule[] {
  const rules = new Map<string, { group: string; resources: string[]; verbs: readonly Verb[] }>()
  for (const { group, resource, verbs } of rights) {
    if (verbs.length === 0) continue
    const id = `${group}|${verbs.join()}`
    const rule = rules.get(id) ?? { group, resources: [], verbs }
    rule.resources.push(resource)
    rules.set(id, rule)
  }
  return [...rules.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { group, resources, verbs }]) => ({ apiGroups: [group], resources: resources.sort(), verbs }))
}
