/**
 * Which template databases a blueprint needs, and what each is made from. Pure. The name carries the digest of
 * everything that goes in, so a changed blueprint or image simply asks for another database: nothing is rebuilt in
 * place, and a tenant is never cloned from something half new.
 */
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { OdooSeries, ReleaseChannelVersion } from '../api/v1alpha1/release-channel.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { digestOf } from '../helm/digest.ts'

/** Changes when the way templates are built changes, so that old ones are not taken for new ones. */
const RECIPE = 3

/** Everything a template is made from, except the server it lies on. */
interface TemplateContent {
  readonly image: string
  readonly series: OdooSeries
  readonly modules: readonly string[]
  readonly language: string
  readonly country: string | undefined
  readonly currency: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

export interface TemplateIdentity {
  readonly content: TemplateContent
  /** 40 hex digits. */
  readonly digest: string
  /** `tpl_<12 hex>`: name of the database and of the role that builds it. */
  readonly database: string
}

export function templateFor(blueprint: Blueprint, version: ReleaseChannelVersion): TemplateIdentity {
  const { spec } = blueprint
  const content: TemplateContent = {
    image: version.image,
    series: version.series,
    modules: [...new Set(spec.modules)].sort(),
    language: spec.language ?? 'en_US',
    country: spec.country,
    currency: spec.currency,
    parameters: spec.parameters ?? {},
  }
  // The name belongs to it: two blueprints that happen to be alike must not share what one of them may drop.
  const digest = digestOf({ recipe: RECIPE, blueprint: blueprint.metadata.name, ...content })
  return { content, digest, database: `tpl_${digest.slice(0, 12)}` }
}

/** Name of the Job (and its Secret) that builds a template on the server of a class: unique per server. */
export function templateJobName(template: { readonly database: string }, tenantClass: TenantClass): string {
  const { host, port = 5432 } = tenantClass.spec.postgres
  return `${template.database.replace('_', '-')}-${digestOf({ host, port }).slice(0, 6)}`
}
