/**
 * When PostgreSQL is asked about a tenant: until its database is handed over, and again whenever something hints at
 * it. A fleet at rest asks nothing. Pure, from what the caches hold.
 */
import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { extrasUnsettled, type WantedExtras } from './extras.ts'
import type { SecretFacts, SecretsFacts } from './observation.ts'
import { rotationDue } from './serial.ts'

const suspicious: ReadonlySet<string> = new Set(['PodsFailing', 'LoginFailing', 'DatabaseUnavailable'])

interface Hints {
  readonly secrets: SecretsFacts
  /** The server of the tenant's class is known to be away. */
  readonly outage: boolean
  /** Digests of what it is to have. */
  readonly brand: string
  /** Undefined while what the tenant names is not all there. */
  readonly settings: string | undefined
  readonly extras: WantedExtras
  /** A TenantRestore is to replace its data, and has not ended; or a Job clears after one whose object is gone. */
  readonly restoring: boolean
}

export function needsPostgres(
  tenant: OdooTenant,
  { secrets, outage, brand, settings, extras, restoring }: Hints,
): boolean {
  if (outage || restoring || !current(tenant)) return true
  const { conditions, database, restore } = tenant.status ?? {}
  // What restores replaced is kept there, maybe after its TenantRestore: only its mark says for how long.
  if (restore?.formerUntil !== undefined) return true
  // The class may give another one at any time, without a word from the tenant.
  if ((database?.brand ?? '') !== brand) return true
  if (settings !== undefined && database?.settings !== settings) return true
  // A paused tenant has seen this wish and has not fulfilled it.
  if (rotationDue(tenant, secrets.admin)) return true
  if (extrasUnsettled(tenant, extras)) return true
  // A Secret made anew says by its serial that its password was not set yet, whatever the operator remembers.
  if (!isSet(secrets.admin, database?.adminSerial) || !isSet(secrets.database, database?.loginSerial))
    return true
  if (findCondition(conditions, 'DatabaseReady')?.status !== 'True') return true
  const ready = findCondition(conditions, 'Ready')
  return ready?.status !== 'True' && suspicious.has(ready?.reason ?? '')
}

/** The password in a Secret is the one that was set last; a Secret without a serial goes by its uid. */
function isSet(secret: SecretFacts | undefined, set: string | undefined): boolean {
  return secret !== undefined && (secret.serial ?? secret.uid) === set
}

/** Ready for the newest spec, and not on its way out. */
export function isSettled(tenant: OdooTenant): boolean {
  return current(tenant) && findCondition(tenant.status?.conditions, 'Ready')?.status === 'True'
}

/** The status speaks of the newest spec, and the tenant is to stay. */
function current({ metadata, status }: OdooTenant): boolean {
  return !metadata.deletionTimestamp && status?.observedGeneration === metadata.generation
}
