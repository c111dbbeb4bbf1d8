/**
 * Which modules and languages a tenant is to have beside its blueprint's, and by which digests it is known that it has
 * them, or that putting them in has failed. Pure.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { ReleaseChannelVersion } from '../api/v1alpha1/release-channel.ts'
import { digestOf } from '../helm/digest.ts'

export interface WantedExtras {
  readonly modules: readonly string[]
  readonly languages: readonly string[]
  /** What is wanted; empty for a tenant that wants nothing, which is never looked into. */
  readonly digest: string
  /** What is wanted, and of which image: what failed is tried again when either changes. */
  readonly attempt: string
}

export function wantedExtras(
  { spec }: Pick<OdooTenant, 'spec'>,
  version: Pick<ReleaseChannelVersion, 'image'> | undefined,
): WantedExtras {
  const modules = [...(spec.modules ?? [])].sort()
  const languages = [...(spec.languages ?? [])].sort()
  const none = modules.length === 0 && languages.length === 0
  const digest = none ? '' : digestOf({ modules, languages }).slice(0, 16)
  const attempt = digestOf({ digest, image: version?.image ?? '' }).slice(0, 12)
  return { modules, languages, digest, attempt }
}

/** Whether the last status speaks of another wish, or of a failure that an edit has made past. */
export function extrasUnsettled({ status }: Pick<OdooTenant, 'status'>, wanted: WantedExtras): boolean {
  const { extras = '', failed } = status?.change ?? {}
  if (failed !== undefined && failed !== wanted.attempt) return true
  return extras !== wanted.digest && failed !== wanted.attempt
}
