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
