/**
 * Names of what a schedule makes, from the tenant's name and an instant alone: whoever makes it again after a crash
 * meets what is there. Pure.
 */
import { createHash } from 'node:crypto'

/** yyyymmddhhmm: sorts by time. */
const STAMP_LENGTH = 12
/** Names of TenantBackups and TenantRestores stand in labels. */
const LIMIT = 63

/** TenantBackup of a run, by the UTC time of its slot. */
export function scheduledName(tenant: string, slot: number): string {
  return stamped(tenant, '', slot)
}

/** TenantRestore of a drill that begins now. */
export function drillName(tenant: string, now: number): string {
  return stamped(tenant, 'drill-', now)
}

/** TenantRestore of a look at the repository that begins now. */
export function checkName(tenant: string, now: number): string {
  return stamped(tenant, 'check-', now)
}

function stamped(tenant: string, word: string, instant: number): string {
  const stamp = new Date(instant).toISOString().replace(/\D/g, '').slice(0, STAMP_LENGTH)
  const room = LIMIT - STAMP_LENGTH - 1 - word.length
  if (tenant.length <= room) return `${tenant}-${word}${stamp}`
  const hash = createHash('sha256').update(tenant).digest('hex').slice(0, 8)
  return `${tenant.slice(0, room - 9).replace(/-+$/, '')}-${hash}-${word}${stamp}`
}

/** The slot that the name of a scheduled TenantBackup says, in milliseconds since 1970; undefined when it says none. */
export function slotOf(name: string): number | undefined {
  const [, year, month, day, hour, minute] = /-(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(name) ?? []
  const slot = Date.parse(`${year}-${month}-${day}T${hour}:${minute}Z`)
  return Number.isNaN(slot) ? undefined : slot
}
