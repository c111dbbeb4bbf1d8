/** What is known of data that a deleted tenant left behind: one retained namespace and the database it names. */
import type { TenantDatabaseFacts, TenantDatabaseNames } from '../postgres/server.ts'

/** When the data may be destroyed, as the namespace's annotation says. */
export type RetainUntil =
  | { readonly kind: 'for-ever' }
  | { readonly kind: 'until'; readonly time: number }
  | { readonly kind: 'unreadable'; readonly text: string }

/** `unread`: not asked, since it is not time yet. */
export type RetainedDatabase =
  | { readonly kind: 'unread' }
  | { readonly kind: 'unavailable'; readonly problem: string }
  | { readonly kind: 'read'; readonly facts: TenantDatabaseFacts }

export interface RetainedData {
  readonly namespace: string
  /** So that what was decided from this observation is not done to a namespace that changed since. */
  readonly resourceVersion: string
  /** `namespace/name` that the tenant had. */
  readonly tenant: string
  readonly names: TenantDatabaseNames
  /** TenantClass whose server has the database; undefined when the namespace does not say. */
  readonly className: string | undefined
  readonly until: RetainUntil
  /** When it will be destroyed, as was announced; milliseconds since 1970. */
  readonly sweepAt: number | undefined
  /** A tenant of that name is there and asks to adopt. */
  readonly claimed: boolean
  /** The sweep has begun: nothing can be adopted any more. */
  readonly ending: boolean
  readonly database: RetainedDatabase
}
