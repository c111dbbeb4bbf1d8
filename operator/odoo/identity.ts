/** What makes a clone a tenant of its own: the SQL, pure. Everything random or timed comes in as an argument. */

/** A statement and its parameters, to be sent as they are. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly (string | number | boolean | null)[]
}

export interface TenantIdentity {
  /** uid of the OdooTenant: noted in the mark, seed of the cron jitter. */
  readonly tenant: string
  /** Public address, `https://acme.example.com`; frozen, so that a login through another host does not change it. */
  readonly baseUrl: string
  /** In-cluster address for wkhtmltopdf, `http://odoo.<namespace>.svc:8069`. */
  readonly reportUrl: string
  /** Name of the main company. */
  readonly displayName: string
  readonly admin: { readonly login: string; readonly email: string; readonly passwordHash: string }
  /** Odoo's code, `de_DE`; used where the template has it installed. */
  readonly language: string
  /** `ir.config_parameter` by key; the ones the operator sets itself win. */
  readonly parameters: Readonly<Record<string, string>>
}
