/**
 * What the operator may ask of one PostgreSQL server. The admin role has CREATEDB and CREATEROLE and is no superuser.
 *
 * One rule holds the wall between tenants: **the admin role never opens a session inside a tenant's database once it
 * has been handed over**, and never runs a statement there that could call code a module or a tenant's administrator
 * has put into it (a trigger on res_users, a view in place of ir_module_module, an operator in schema public would
 * run with the rights of whoever asks). What must be read or changed inside is done as the tenant's own login, hence
 * the `loginPassword` arguments. Databases, roles and marks are changed from the maintenance database.
 */
import type { Brand } from '../odoo/brand.ts'
import type { TenantIdentity } from '../odoo/identity.ts'
import type { TenantSettings } from '../odoo/settings.ts'
import type { TemplateMark, TenantMark } from './mark.ts'

/**
 * The three names of one tenant at one placement. The database belongs to the operator's role; `owner` (no login)
 * owns schema public and every object; `login` is what Odoo connects as, one per placement, so that one side can be
 * fenced alone. Every role of the server can list them, so none may say who the customer is.
 */
export interface TenantDatabaseNames {
  readonly database: string
  readonly owner: string
  readonly login: string
}

export interface PostgresServer {
  /** `host:port` */
  readonly id: string

  /** Throws when the server does not answer the smallest question. */
  ping(): Promise<void>
  /** What the server is and what of it is wrong; revokes PUBLIC's CONNECT on postgres and template1 where it may. */
  preflight(): Promise<ServerFacts>

  tenantFacts(names: TenantDatabaseNames): Promise<TenantDatabaseFacts>
  /**
   * Owner without login, login NOINHERIT and member of the owner only, with `SET role = owner`; the login may connect to
   * the database when that is there. Heals what differs, but never gives a fenced login its LOGIN back: that is `unfence`.
   */
  ensureTenantRoles(names: TenantDatabaseNames): Promise<void>
  /**
   * Sets the password and, in the same transaction, notes on the login role which Secret it came from. Comes before
   * `handOver`, which works as the login. The server gets a SCRAM verifier, never the password.
   */
  setLoginPassword(names: TenantDatabaseNames, password: string, secret: string): Promise<void>
  /** One clone at a time per server. Drops an invalid leftover first. Done already = no-op. DatabaseInUse is transient. */
  cloneDatabase(names: TenantDatabaseNames, template: string): Promise<void>
  /**
   * Gives a fresh clone to its tenant: PUBLIC out, objects and schema to the owner, then (as the login) a new identity,
   * then the mark `ready`. Until then nobody uses the database, so it can be repeated; on a database that is `ready`
   * already it does nothing. Needs the roles and the login's password.
   */
  handOver(names: TenantDatabaseNames, request: HandOver): Promise<void>
  /** Connects as the login, resets the session as Odoo does, and looks who it is. */
  verifyLogin(names: TenantDatabaseNames, loginPassword: string): Promise<LoginVerdict>
  /** Changes Odoo's administrator inside the tenant (as the login), then notes the Secret in the mark. */
  setAdminPassword(names: TenantDatabaseNames, loginPassword: string, admin: AdminPassword): Promise<void>
  /** White label inside the tenant (as the login), then its digest in the mark. Running processes notice it. */
  setBrand(names: TenantDatabaseNames, loginPassword: string, brand: Brand, digest: string): Promise<void>
  /** Addresses, company name and parameters inside the tenant, in the same way. */
  setSettings(
    names: TenantDatabaseNames,
    loginPassword: string,
    settings: TenantSettings,
    digest: string,
  ): Promise<void>
  /** `ir_module_module`: module name → state, read as the login. */
  moduleStates(names: TenantDatabaseNames, loginPassword: string): Promise<ReadonlyMap<string, string>>

  /** What is in it now, read as the login. */
  tenantContent(names: TenantDatabaseNames, loginPassword: string): Promise<TenantContent>

  /**
   * Takes the copy that a change can be taken back with, while nobody can log in, then lets the login in again: from
   * here on the mark says `running`, and the copy is what is surely whole. Done already for this digest = no-op.
   */
  beginChange(names: TenantDatabaseNames, digest: string): Promise<void>
  /** The change is good: from here on the database is what is surely whole. Also notes what needed no change at all. */
  settleChange(names: TenantDatabaseNames, extras: string): Promise<void>
  /**
   * The change is taken back: login fenced, then copy and database change names in one transaction, which lets the login
   * in again and notes `failed`. The half changed database waits for `dropCopies`. No change under way = no-op.
   */
  undoChange(names: TenantDatabaseNames, failed: string | undefined): Promise<void>
  /** Forgets that a change failed, so that the same wish is tried again. */
  forgetFailure(names: TenantDatabaseNames): Promise<void>
  /** Drops what changes have left: never the tenant's database, and no copy that a change under way may need. */
  dropCopies(names: TenantDatabaseNames): Promise<void>

  /**
   * An empty database for restore `id`, with extensions, into which the tenant's login may restore. One that was checked
   * is left alone, any other of this restore is made anew. The tenant's own database is not touched.
   */
  createEmptyForRestore(names: TenantDatabaseNames, id: string): Promise<void>
  /** What is in it was compared with the point, and may take the tenant's place. */
  checkRestored(names: TenantDatabaseNames, id: string): Promise<void>
  /**
   * Login fenced, then the tenant's database becomes `former` and the checked one takes its name, in one transaction
   * that lets the login in again. Done already for this restore = no-op. Not during a change.
   */
  exchangeRestored(
    names: TenantDatabaseNames,
    restore: { readonly id: string; readonly until: string },
  ): Promise<void>
  /** An exchange that was begun is not wanted any more: the login is let in again. */
  abandonExchange(names: TenantDatabaseNames): Promise<void>
  /** Drops what was restored and never used, or what a restore has replaced. Gone already = no-op. */
  dropOfRestore(names: TenantDatabaseNames, what: 'restored' | 'former', id: string): Promise<void>

  /** Login off and its sessions ended. Other logins of the same tenant go on. */
  fence(names: TenantDatabaseNames): Promise<void>
  /** Login on again; a retained database is `ready` again. */
  unfence(names: TenantDatabaseNames): Promise<void>
  /** Fence, and the mark says `retained`; a clone that was never handed over is dropped, it holds nobody's data. */
  retain(names: TenantDatabaseNames): Promise<void>
  /** Ends sessions, drops database, login roles of every placement and the owner. What is gone already is fine. */
  dropTenant(names: TenantDatabaseNames): Promise<void>

  /** Every tenant's database of this operator's role, by its mark; copies made for a change are not among them. */
  listTenants(): Promise<readonly { readonly name: string; readonly mark: TenantMark }[]>

  templateFacts(name: string): Promise<TemplateFacts>
  listTemplates(): Promise<readonly TemplateFacts[]>
  /** Role `name` with login and database `name` with the extensions; an unsealed leftover is dropped and made anew. */
  createTemplateDatabase(name: string, password: string): Promise<void>
  /** Login off, sessions ended, IS_TEMPLATE, no connections, mark. From here on nobody can enter it; it can be cloned. */
  sealTemplate(name: string, mark: TemplateMark): Promise<void>
  dropTemplate(name: string): Promise<void>

  close(): Promise<void>
}

export interface ServerFacts {
  /** As the server says it, for example `17.11`. */
  readonly version: string
  readonly major: number
  readonly extensions: readonly ('pg_trgm' | 'unaccent')[]
  /** Empty = fit for tenants. */
  readonly problems: readonly ServerProblem[]
}

export interface ServerProblem {
  readonly reason:
    | 'MissingPrivilege'
    | 'TooPowerful'
    | 'PublicConnect'
    | 'RoleSettingIgnored'
    | 'OldMinor'
    | 'TooOld'
    | 'NoExtension'
  /** `refuse` = no tenant may be placed here; `warn` = say it and go on. */
  readonly weight: 'refuse' | 'warn'
  /** One sentence with the remedy. */
  readonly sentence: string
}

/** State of a tenant's database as PostgreSQL tells it. */
export type TenantDatabaseState =
  | { readonly kind: 'absent' }
  /** An interrupted create or drop left it behind; `cloneDatabase` drops it first. */
  | { readonly kind: 'invalid' }
  /** Made from a template, never used by anybody: `handOver` is next, also after a crash in the middle of it. */
  | { readonly kind: 'cloned' }
  | { readonly kind: 'ready'; readonly mark: TenantMark }
  | { readonly kind: 'retained'; readonly mark: TenantMark }
  /** Not this operator's, or without its mark: nothing is done to it. `sentence` says why and what helps. */
  | { readonly kind: 'foreign'; readonly sentence: string }

export interface TenantDatabaseFacts {
  readonly database: TenantDatabaseState
  readonly ownerRole: 'absent' | 'present'
  readonly loginRole: 'absent' | 'login' | 'nologin'
  /** What `setLoginPassword` was told last; absent as long as no password was set. */
  readonly loginSecret?: string
  /** Open sessions of the login role. */
  readonly sessions: number
  /** What changes have left beside the database: a whole copy from before, or something to drop. Absent: nothing. */
  readonly copies?: readonly TenantCopy[]
  /** What restores have beside the database. Absent: nothing. */
  readonly restores?: readonly RestoreDatabase[]
}

/** A database of a restore; `restore` is its id. */
export type RestoreDatabase =
  /** Cut off before anybody could enter it. */
  | { readonly kind: 'begun'; readonly restore: string }
  /** A Job fills it, or died. */
  | { readonly kind: 'filling'; readonly restore: string }
  /** As the point says. */
  | { readonly kind: 'checked'; readonly restore: string }
  /** What it replaced, kept until then (RFC 3339). */
  | { readonly kind: 'former'; readonly restore: string; readonly until?: string }

export type TenantCopy = 'before' | 'leftover'

export interface TenantContent {
  /** `ir_module_module`: module name → state. */
  readonly modules: ReadonlyMap<string, string>
  /** `res_lang`: code → whether it is active. */
  readonly languages: ReadonlyMap<string, boolean>
}

export interface HandOver {
  /** Template the clone was made from; its role owns the objects until now. */
  readonly template: string
  readonly loginPassword: string
  readonly identity: TenantIdentity
  /** Which password `identity.admin.passwordHash` was made of; goes into the mark. */
  readonly adminSecret: string
  /** Digest of `identity.settings`; goes into the mark. */
  readonly settings: string
}

interface AdminPassword {
  readonly login: string
  /** From `passlibHash`. */
  readonly passwordHash: string
  /** Which password it is; goes into the mark. */
  readonly secret: string
}

type LoginVerdict = { readonly kind: 'ok' } | { readonly kind: 'problem'; readonly sentence: string }

export interface TemplateFacts {
  readonly name: string
  /** `building` = made, not sealed yet (a Job may be at work in it, or died). `ready` = sealed, can be cloned. */
  readonly kind: 'absent' | 'invalid' | 'building' | 'ready'
  readonly mark?: TemplateMark
  /** Open sessions in the database. */
  readonly sessions: number
}

/** How to reach a server; passwords and certificates are values here, read from Secrets by the caller. */
export interface PostgresSettings {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Named in the sentence for a wrong password, for example `secret tenantops-system/pg-admin`. */
  readonly passwordSource: string
  readonly tls: PostgresTls
  /** Where the admin sits; default `postgres`. */
  readonly maintenanceDatabase?: string
}

export type PostgresTls =
  | { readonly kind: 'disable' }
  /** Encrypted, server not checked. */
  | { readonly kind: 'require' }
  | { readonly kind: 'verify-ca' | 'verify-full'; readonly ca: string }
