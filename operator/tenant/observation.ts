/**
 * What a tenant's plan may know: plain data, gathered by observe.ts and never changed afterwards. Every part
 * that could not be read says so by its `kind`, so that the plan cannot mistake "unknown" for "absent".
 */
import type { ChangeResult } from '../agent/contract.ts'
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { ReleaseChannel } from '../api/v1alpha1/release-channel.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { TenantPlan } from '../api/v1alpha1/tenant-plan.ts'
import type { Chart } from '../helm/chart.ts'
import type { ReleaseState } from '../helm/history.ts'
import type { ExtrasHeld } from '../odoo/extras.ts'
import type { TemplateFacts, TenantDatabaseFacts, TenantDatabaseNames } from '../postgres/server.ts'
import type { FinalBackupFacts, RestoreFacts, ShredFacts } from './recovery-facts.ts'

type ChannelVersion = ReleaseChannel['spec']['versions'][number]

/** The cluster-scoped objects a tenant names, as far as they exist. */
interface Settings {
  readonly class: TenantClass | undefined
  readonly plan: TenantPlan | undefined
  readonly blueprint: Blueprint | undefined
  readonly channel: ReleaseChannel | undefined
}

/** A host of this tenant that an older tenant has already. */
export interface HostClash {
  readonly host: string
  /** `namespace/name` of the holder. */
  readonly holder: string
}

export type NamespaceFacts =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'ours'
      readonly digest: string | undefined
      /** Digests of the fences that stand in it, by kind. */
      readonly fences: Readonly<Record<string, string | undefined>>
      readonly retained: boolean
    }
  | { readonly kind: 'foreign'; readonly owner: string; readonly retained: boolean }
  /** The sealed data of a deleted tenant of this name, which this tenant asks to adopt. `uid` is the former tenant's. */
  | { readonly kind: 'adoptable'; readonly uid: string; readonly secrets: readonly string[] }
  /** It asks to adopt, and there is nothing, or more than one: `found` are the namespaces. */
  | { readonly kind: 'unadoptable'; readonly found: readonly string[] }
  | { readonly kind: 'terminating' }

/** A Secret as its metadata tells: content is never read into an observation. */
export interface SecretFacts {
  readonly uid: string
  /** `tenantops.io/serial`: which password it holds; see serial.ts. */
  readonly serial: string | undefined
  /** `tenantops.io/digest`: what it was made from. */
  readonly digest: string | undefined
  /** `tenantops.io/rotation`: the wish that its password answers. */
  readonly rotation?: string | undefined
}

export interface SecretsFacts {
  readonly admin: SecretFacts | undefined
  readonly database: SecretFacts | undefined
  readonly config: SecretFacts | undefined
}

/** PostgreSQL as seen this time. `unread`: not asked, since nothing needed it. */
export type PostgresFacts =
  | { readonly kind: 'unread' }
  | { readonly kind: 'unavailable'; readonly problem: string }
  | {
      readonly kind: 'read'
      readonly tenant: TenantDatabaseFacts
      readonly template: TemplateFacts
      /** A sentence when the server as a whole is not fit for tenants. */
      readonly problem: string | undefined
    }

export interface DeploymentFacts {
  readonly desired: number
  readonly updated: number
  /** Pods of the newest template that are surely available; those they replace are not counted. */
  readonly available: number
  /** The controller has seen the newest spec. */
  readonly observed: boolean
}

export interface WorkloadFacts {
  readonly web: DeploymentFacts | undefined
  readonly cron: DeploymentFacts | undefined
  /** Pods that still exist, terminating ones included. */
  readonly pods: number
  /** Why a pod cannot run, as one sentence (image, volume, quota, crash). */
  readonly problem: string | undefined
  /** A pod has no place yet and is too young to count as a problem, for so many milliseconds more. */
  readonly unjudgedMs?: number | undefined
  /** For so many milliseconds more nodes may not know that the Service leads to pods that have just become ready. */
  readonly unroutedMs?: number | undefined
}

/** The certificate for all tenants that a class names, and whether this tenant has a copy of its newest version. */
export type CertificateFacts =
  /** The class names none: plain HTTP, or an issuer that makes one per tenant. */
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly secret: string }
  | { readonly kind: 'present'; readonly secret: string; readonly version: string; readonly copied: boolean }

/** The front desk, which answers visitors in Odoo's place, and the Services of the tenant that lead there. */
export interface FrontFacts {
  /** Its pods that are ready. */
  readonly desk: {
    readonly addressType: 'IPv4' | 'IPv6'
    /** Sorted. */
    readonly addresses: readonly string[]
    readonly port: number
  }
  /** Digests of the EndpointSlices of ours that stand in the runtime namespace, by name. */
  readonly standing: Readonly<Record<string, string | undefined>>
  /** A ready pod of Odoo is in the tenant's Service; only asked while the front desk is to go, false otherwise. */
  readonly routed: boolean
}

/** An object of the release that is not as the operator left it. */
export interface Drifted {
  /** `group/Kind/name`. */
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly what: 'missing' | 'changed'
  /** Who wrote it last beside us, by the name of a field manager. */
  readonly by?: string
  /** Set right too often of late: left alone until then, in milliseconds since 1970. */
  readonly leftUntil?: number
}

/** What of the release is not as it was deployed; nothing of a release that is not there, or that is somebody else's. */
export interface DriftFacts {
  readonly objects: readonly Drifted[]
  /** The claim of the volume with the tenant's files, as far as the release made one. */
  readonly filestore: 'there' | 'missing' | 'terminating'
}

export type ChangeJobState =
  /** Deleted, and its pods are still going. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'running'; readonly problem: string | undefined }
  | { readonly kind: 'ended'; readonly result: ChangeResult }
  /** The Job gave up without a result. */
  | { readonly kind: 'failed'; readonly problem: string }

/** Changes of a living tenant by a Job: see plan/change.ts. */
export interface ChangeFacts {
  readonly jobs: readonly { readonly digest: string; readonly state: ChangeJobState }[]
  /** Which modules and languages the database has: read only while others are wanted. */
  readonly held:
    | { readonly kind: 'unread' }
    | { readonly kind: 'unavailable'; readonly problem: string }
    | ({ readonly kind: 'read' } & ExtrasHeld)
}

/** The tenant's own login page, asked through its Service. */
export type LoginProbe =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'answered'; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly problem: string }
  /** Nobody was met there: no connection was made. */
  | { readonly kind: 'unreached'; readonly problem: string }
  /** The front desk still answers at the tenant's Service. */
  | { readonly kind: 'front' }

/** The runtime namespace chosen for the tenant and what is there. */
export interface PlaceFacts {
  readonly name: string
  readonly facts: NamespaceFacts
  /** The tenant's database: what its namespace or its status says, or the name a new one gets. */
  readonly names: TenantDatabaseNames
}

export interface Observation {
  readonly tenant: OdooTenant
  readonly settings: Settings
  readonly operatorNamespace: string
  readonly hosts: readonly string[]
  readonly clashes: readonly HostClash[]
  /** The channel's current version, when it lists it. */
  readonly version: ChannelVersion | undefined
  /** The chart that version asks for, when this operator carries it. */
  readonly chart: Chart | undefined
  /** Template database this tenant is cloned from; empty while its inputs are not all there. */
  readonly template: string
  readonly place: PlaceFacts
  readonly secrets: SecretsFacts
  readonly certificate: CertificateFacts
  readonly postgres: PostgresFacts
  readonly release: ReleaseState
  readonly drift: DriftFacts
  readonly workload: WorkloadFacts
  readonly change: ChangeFacts
  readonly restore: RestoreFacts
  readonly finalBackup: FinalBackupFacts
  readonly shred: ShredFacts
  readonly front: FrontFacts
  readonly login: LoginProbe
}
