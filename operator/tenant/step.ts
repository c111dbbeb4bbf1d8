/**
 * Everything the operator can do to a tenant, as data. A plan is a list of these; act.ts runs them one by one.
 * Each is idempotent and safe to repeat after a crash at any instruction. None holds a secret: steps name
 * Secrets, act.ts reads them.
 */
import type { TenantChartValues } from '../helm/tenant-chart-values.ts'
import type { Brand } from '../odoo/brand.ts'
import type { TenantSettings } from '../odoo/settings.ts'
import type { TenantDatabaseNames } from '../postgres/server.ts'
import type { WantedExtras } from './extras.ts'
import type { Manifest } from './manifests/manifest.ts'
import type { OdooSettings } from './manifests/odoo-settings.ts'
import type { RuntimeNamespace } from './manifests/runtime-namespace.ts'
import type { Drifted } from './observation.ts'

export type Step =
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }
  /** POST, never apply: a name that somebody else took in the meantime must be noticed. */
  | { readonly kind: 'create-namespace'; readonly place: RuntimeNamespace }
  /** What of it is missing or of yesterday; `namespace` only when that itself changed. */
  | {
      readonly kind: 'apply-namespace'
      readonly name: string
      readonly namespace: Manifest | undefined
      readonly fences: readonly Manifest[]
    }
  /** `until`: when the data kept may be destroyed; absent: never. */
  | {
      readonly kind: 'label-retained'
      readonly namespace: string
      readonly until: string | undefined
    }
  /** The Secrets named first, then the namespace: whose label says that the rest is done. */
  | { readonly kind: 'adopt-namespace'; readonly namespace: string; readonly secrets: readonly string[] }
  | { readonly kind: 'delete-namespace'; readonly namespace: string }
  | {
      readonly kind: 'create-admin-secret'
      readonly name: string
      readonly login: string
      readonly url: string
      /** Of the url: says later whether it is still the right one. */
      readonly digest: string
      readonly serial: string
      /** The `spec.admin.rotation` that this password answers. */
      readonly rotation: string | undefined
    }
  /** A new password in the Secret that is there; the database follows by its serial. */
  | {
      readonly kind: 'rotate-admin-secret'
      readonly name: string
      readonly serial: string
      readonly rotation: string
    }
  | {
      readonly kind: 'set-admin-url'
      readonly name: string
      readonly url: string
      readonly digest: string
    }
  | {
      readonly kind: 'create-database-secret'
      readonly namespace: string
      readonly name: string
      readonly username: string
      readonly serial: string
    }
  | { readonly kind: 'ensure-roles'; readonly names: TenantDatabaseNames }
  | { readonly kind: 'clone-database'; readonly names: TenantDatabaseNames; readonly template: string }
  /** Identity, administrator and mark in one go; the passwords come from the Secrets the other steps made. */
  | {
      readonly kind: 'hand-over'
      readonly names: TenantDatabaseNames
      readonly template: string
      readonly namespace: string
      readonly identity: HandOverIdentity
    }
  | {
      readonly kind: 'set-login-password'
      readonly names: TenantDatabaseNames
      readonly namespace: string
      readonly serial: string
    }
  | {
      readonly kind: 'set-admin-password'
      readonly names: TenantDatabaseNames
      readonly namespace: string
      readonly secret: string
      readonly login: string
      readonly serial: string
    }
  | {
      readonly kind: 'apply-settings'
      readonly names: TenantDatabaseNames
      readonly namespace: string
      readonly settings: TenantSettings
      readonly digest: string
    }
  | {
      readonly kind: 'apply-brand'
      readonly names: TenantDatabaseNames
      readonly namespace: string
      readonly brand: Brand
      readonly digest: string
    }
  | {
      readonly kind: 'write-config'
      readonly namespace: string
      readonly digest: string
      readonly settings: OdooSettings
    }
  /** `version` is the resourceVersion of the Secret it is copied from. */
  | {
      readonly kind: 'copy-certificate'
      readonly namespace: string
      readonly secret: string
      readonly version: string
    }
  | {
      readonly kind: 'deploy-release'
      readonly release: string
      readonly namespace: string
      readonly digest: string
      readonly values: TenantChartValues
      /** Ids of objects that are sent also when nothing of them is to change. */
      readonly drifted?: readonly string[]
    }
  /** Objects that somebody changed or removed, as the deployed revision says they should be. */
  | {
      readonly kind: 'repair-release'
      readonly release: string
      readonly namespace: string
      readonly revision: number
      readonly objects: readonly Drifted[]
    }
  | { readonly kind: 'uninstall-release'; readonly release: string; readonly namespace: string }
  | { readonly kind: 'delete-deployments'; readonly namespace: string }
  /** Visitors meet the front desk; the manifests hold its pods' addresses. */
  | { readonly kind: 'point-to-front'; readonly namespace: string; readonly slices: readonly Manifest[] }
  | { readonly kind: 'point-away-from-front'; readonly namespace: string; readonly slices: readonly string[] }
  /** What the copy is taken for; from here on the mark says that a change is under way. */
  | { readonly kind: 'begin-change'; readonly names: TenantDatabaseNames; readonly digest: string }
  | {
      readonly kind: 'start-change-job'
      readonly namespace: string
      readonly names: TenantDatabaseNames
      readonly extras: WantedExtras
    }
  | { readonly kind: 'settle-change'; readonly names: TenantDatabaseNames; readonly extras: string }
  /** `failed`: to be remembered; undefined for a change that was only edited. */
  | {
      readonly kind: 'undo-change'
      readonly names: TenantDatabaseNames
      readonly failed: string | undefined
    }
  | { readonly kind: 'forget-failure'; readonly names: TenantDatabaseNames }
  | { readonly kind: 'drop-copies'; readonly names: TenantDatabaseNames }
  | { readonly kind: 'remove-change-job'; readonly namespace: string; readonly digest: string }
  /** On the tenant: what will run on a copy reaches nobody. */
  | { readonly kind: 'deny-egress' }
  | {
      readonly kind: 'start-exchange-job'
      readonly namespace: string
      readonly names: TenantDatabaseNames
      /** Of the restore, and the name of its TenantRestore. */
      readonly id: string
      readonly restore: string
    }
  /** What was replaced is kept for so many milliseconds. */
  | {
      readonly kind: 'exchange-database'
      readonly names: TenantDatabaseNames
      readonly id: string
      readonly keepMs: number
    }
  | { readonly kind: 'abandon-exchange'; readonly names: TenantDatabaseNames }
  /** What restore `id` replaced, its time being over: a Job takes the directory away, then the database goes. */
  | {
      readonly kind: 'clear-former'
      readonly namespace: string
      readonly names: TenantDatabaseNames
      readonly id: string
    }
  | { readonly kind: 'drop-former'; readonly names: TenantDatabaseNames; readonly id: string }
  | { readonly kind: 'remove-clear-job'; readonly namespace: string; readonly id: string }
  /** The last point of a tenant that is to be destroyed: a TenantBackup that retention never touches. */
  | { readonly kind: 'create-final-backup'; readonly name: string }
  /** The end of the recovery points: their repository, then the TenantBackups. `told`: what came of it, for people. */
  | { readonly kind: 'start-shred-job' }
  | { readonly kind: 'remove-backups'; readonly names: readonly string[] }
  | { readonly kind: 'remove-shred-job'; readonly told?: string }
  /** `instead`: why it is kept although spec.deletionPolicy is Delete. */
  | { readonly kind: 'retain-database'; readonly names: TenantDatabaseNames; readonly instead?: string }
  | { readonly kind: 'unseal-database'; readonly names: TenantDatabaseNames }
  | { readonly kind: 'drop-database'; readonly names: TenantDatabaseNames }

/** The steps that change PostgreSQL and nothing else. */
export type DatabaseStep = Extract<
  Step,
  {
    kind:
      | 'ensure-roles'
      | 'set-login-password'
      | 'clone-database'
      | 'hand-over'
      | 'set-admin-password'
      | 'apply-settings'
      | 'apply-brand'
      | 'begin-change'
      | 'settle-change'
      | 'undo-change'
      | 'forget-failure'
      | 'drop-copies'
      | 'exchange-database'
      | 'abandon-exchange'
      | 'drop-former'
      | 'retain-database'
      | 'unseal-database'
      | 'drop-database'
  }
>

/** Who the tenant becomes, except for passwords. */
export interface HandOverIdentity {
  readonly tenant: string
  readonly settings: TenantSettings
  readonly settingsDigest: string
  readonly language: string
  readonly adminLogin: string
  readonly adminEmail: string
  readonly adminSecret: string
  readonly adminSerial: string
}
