/**
 * Every kind the operator touches, with the rights it needs: the only place where a path, a plural or an RBAC verb
 * is written down. No discovery: an unknown kind is a programming error. `rbac.ts` turns this table into the chart's roles.
 */
export type { KubeObject } from './object.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete'

export interface Kind {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Rights in every namespace. */
  readonly verbs: readonly Verb[]
  /** More rights, in the operator's own namespace only. */
  readonly home?: readonly Verb[]
  /** Rights of the front desk, in every namespace. */
  readonly front?: readonly Verb[]
  /** Rights on subresources, in every namespace. */
  readonly subresources?: Readonly<Record<string, readonly Verb[]>>
}

/** Held in a cache. */
const seen = ['list', 'watch'] as const
/** Server-side apply creates with `patch`, but the API server also asks for `create` when the object is new. */
const written = ['create', 'patch', 'delete'] as const

export const kinds = {
  // What the platform declares. `patch` is for finalizers and labels; nothing writes spec.
  OdooTenant: { ...ours('OdooTenant', 'odootenants', true), front: seen },
  TenantClass: { ...ours('TenantClass', 'tenantclasses', false), front: seen },
  TenantPlan: ours('TenantPlan', 'tenantplans', false),
  Blueprint: ours('Blueprint', 'blueprints', false),
  ReleaseChannel: ours('ReleaseChannel', 'releasechannels', false),
  BackupPolicy: ours('BackupPolicy', 'backuppolicies', false),
  TenantBackup: madeByUsToo('TenantBackup', 'tenantbackups'),
  TenantRestore: madeByUsToo('TenantRestore', 'tenantrestores'),
  // What a tenant is made of.
  Namespace: {
    group: '',
    version: 'v1',
    plural: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    verbs: [...seen, ...written],
  },
  Secret: {
    group: '',
    version: 'v1',
    plural: 'secrets',
    kind: 'Secret',
    namespaced: true,
    verbs: ['get', ...seen, ...written, 'update'],
  },
  // Known by name, without a right: no chart of ours has one.
  ConfigMap: {
    group: '',
    version: 'v1',
    plural: 'configmaps',
    kind: 'ConfigMap',
    namespaced: true,
    verbs: [],
  },
  Service: {
    group: '',
    version: 'v1',
    plural: 'services',
    kind: 'Service',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  ServiceAccount: {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
    verbs: written,
  },
  EndpointSlice: {
    group: 'discovery.k8s.io',
    version: 'v1',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  PersistentVolumeClaim: {
    group: '',
    version: 'v1',
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  ResourceQuota: {
    group: '',
    version: 'v1',
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    namespaced: true,
    verbs: [...seen, 'create', 'patch'],
  },
  LimitRange: {
    group: '',
    version: 'v1',
    plural: 'limitranges',
    kind: 'LimitRange',
    namespaced: true,
    verbs: [...seen, 'create', 'patch'],
  },
  Pod: {
    group: '',
    version: 'v1',
    plural: 'pods',
    kind: 'Pod',
    namespaced: true,
    verbs: seen,
  },
  Deployment: {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  Job: {
    group: 'batch',
    version: 'v1',
    plural: 'jobs',
    kind: 'Job',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  NetworkPolicy: {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'networkpolicies',
    kind: 'NetworkPolicy',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  Ingress: {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'ingresses',
    kind: 'Ingress',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  PodDisruptionBudget: {
    group: 'policy',
    version: 'v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    verbs: [...seen, ...written],
  },
  // What the operator itself needs.
  Event: {
    group: 'events.k8s.io',
    version: 'v1',
    plural: 'events',
    kind: 'Event',
    namespaced: true,
    verbs: ['create', 'patch'],
  },
  Lease: {
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    namespaced: true,
    verbs: [],
    home: ['get', 'create', 'update'],
  },
  // They come with the operator's chart; the operator never touches them.
  CustomResourceDefinition: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
    verbs: [],
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

/** The kind of a manifest, or undefined when the table does not have it. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const found: Kind | undefined = Object.hasOwn(kinds, kind) ? kinds[kind as KindName] : undefined
  return found && apiVersionOf(found) === apiVersion ? found : undefined
}

/** The kind by its path, or undefined when the table does not have it. */
export function kindNamed(group: string, version: string, plural: string): Kind | undefined {
  const all: readonly Kind[] = Object.values(kinds)
  return all.find((kind) => kind.group === group && kind.version === version && kind.plural === plural)
}

export function apiVersionOf(kind: Kind): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}

/** `odootenants.tenantops.io`, or the plain plural for the core group: how Kubernetes names a resource in words. */
export function resourceOf(kind: Kind): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural
}

/** People make them, and so does the operator: by a schedule. It takes away those whose point is no more. */
function madeByUsToo<const Name extends string>(kind: Name, plural: string) {
  const kindOfOurs = ours(kind, plural, true)
  return { ...kindOfOurs, verbs: [...kindOfOurs.verbs, 'create', 'delete'] } as const satisfies Kind
}

function ours<const Name extends string>(kind: Name, plural: string, namespaced: boolean) {
  return {
    group: 'tenantops.io',
    version: 'v1alpha1',
    plural,
    kind,
    namespaced,
    verbs: ['get', 'list', 'watch', 'patch'],
    subresources: { status: ['get', 'patch'], finalizers: ['update'] },
  } as const satisfies Kind
}
