/** What the operator notes on a database or role as its COMMENT, so that state is read from PostgreSQL itself. */

/** COMMENT of a tenant's database. Every role of the server can read it: no customer's name, no host. */
export interface TenantMark {
  readonly kind: 'tenant'
  /** `cloned`: not handed over yet, nobody has used it. */
  readonly state: 'cloned' | 'ready' | 'retained'
  /** uid of the OdooTenant. */
  readonly tenant: string
  readonly template: string
  /** Which administrator's password Odoo has: the caller's word (a serial, a uid), never the password. */
  readonly adminSecret: string
  /** Digest of the brand that was applied; absent: none ever was. */
  readonly brand?: string
  /** Digest of the settings that were applied; absent: handed over by a version that did not note them. */
  readonly settings?: string
  /** Digest of the further modules and languages that were put in; absent: none ever were. */
  readonly extras?: string
  /** A change by a Job that is under way; see copies.ts for what each stage says of database and copy. */
  readonly change?: { readonly digest: string; readonly stage: 'copying' | 'running' }
  /** Digest of the last change that failed and was taken back. */
  readonly failed?: string
  /** It is being exchanged for what this restore brought; see restores.ts. */
  readonly restore?: string
  /** It came by this restore. */
  readonly restored?: string
  /** On what a restore replaced: which one, and until when (RFC 3339) it is kept. */
  readonly former?: { readonly restore: string; readonly until: string }
}

/** COMMENT of a database into which a point is restored. */
export interface RestoredMark {
  readonly kind: 'restored'
  /** First 8 hexadecimal digits of the TenantRestore's uid. */
  readonly restore: string
  readonly stage: 'filling' | 'checked'
}

/** COMMENT of a sealed template. */
export interface TemplateMark {
  readonly kind: 'template'
  /** Full digest of what it was made from. */
  readonly digest: string
  readonly blueprint: string
  readonly series: string
  /** ISO time. */
  readonly built: string
  readonly modules: readonly string[]
}

/** COMMENT of a login role. */
interface LoginMark {
  readonly kind: 'login'
  readonly secret: string
}

type Mark = TenantMark | RestoredMark | TemplateMark | LoginMark

const texts: { readonly [K in Mark['kind']]: readonly string[] } = {
  tenant: ['state', 'tenant', 'template', 'adminSecret'],
  restored: ['restore', 'stage'],
  template: ['digest', 'blueprint', 'series', 'built'],
  login: ['secret'],
}

export function writeMark(mark: Mark): string {
  return JSON.stringify({ operator: 'tenantops.io', ...mark })
}

/** The mark of that kind in a COMMENT, or undefined when there is none, or somebody else's. */
export function readMark<K extends Mark['kind']>(
  kind: K,
  comment: string | null,
): Extract<Mark, { kind: K }> | undefined {
  if (comment === null) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(comment)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { operator, ...rest } = parsed as Record<string, unknown>
  if (operator !== 'tenantops.io' || rest.kind !== kind) return undefined
  if (!texts[kind].every((field) => typeof rest[field] === 'string')) return undefined
  if (kind === 'tenant' && !/^(cloned|ready|retained)$/.test(String(rest.state))) return undefined
  if (kind === 'template' && !Array.isArray(rest.modules)) return undefined
  return rest as unknown as Extract<Mark, { kind: K }>
}
