/** What a template Job mounts and what it answers: names shared by the Job's manifest and the agent. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'

/** Mounted read-only at `agentPaths.spec` (a ConfigMap or Secret key). */
export interface TemplateSpec {
  readonly blueprint: string
  readonly series: OdooSeries
  readonly image: string
  /** Name of the template database and of the role that works in it. */
  readonly database: string
  readonly modules: readonly string[]
  readonly language: string
  /** ISO 3166, two capital letters. */
  readonly country?: string
  /** ISO 4217, three capital letters. */
  readonly currency?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly demo: boolean
  readonly postgres: {
    readonly host: string
    readonly port: number
    readonly sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  }
}

/** The argument of `verify-change`, as JSON: what was to be put into a tenant's database. */
export interface ChangeSpec {
  readonly modules: readonly string[]
  readonly languages: readonly string[]
  readonly database: string
  /** The tenant's login role, and the owner it must act as. */
  readonly login: string
  readonly postgres: TemplateSpec['postgres']
}

/** The one JSON object in the termination message of a change's Job. Exit code 0: trying again gives the same. */
export type ChangeResult =
  | { readonly ok: true; readonly modules: readonly string[]; readonly languages: readonly string[] }
  | { readonly ok: false; readonly problem: string }

/** Where the agent looks; overridable by environment for tests only. */
export const agentPaths = {
  /** JSON of `TemplateSpec`. */
  spec: '/etc/tenantops/job/template.json',
  /** Password of the template role, nothing else in the file. */
  password: '/etc/tenantops/job/password',
  /** CA certificate; read when sslMode starts with `verify`. */
  ca: '/etc/tenantops/job/ca.crt',
  /** Odoo's data_dir, the emptyDir shared with the Odoo container. */
  data: '/var/lib/odoo',
  result: '/dev/termination-log',
  /** JSON of `OdooOutcome`, left by Odoo's container of a change's Job. */
  outcome: '/run/change/outcome.json',
} as const

/** The one JSON object in the termination message (≤ 4096 bytes). */
export type TemplateResult =
  | {
      readonly ok: true
      readonly modules: readonly string[]
      readonly attachments: number
      readonly seconds: number
    }
  /** A verdict about the blueprint: exit code 0, building again gives the same. */
  | { readonly ok: false; readonly reason: string; readonly problem: string }
