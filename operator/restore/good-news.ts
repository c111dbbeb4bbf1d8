/** What a TenantRestore that has succeeded says, in a sentence: pure. */
import { sizeInWords } from '../backup/status.ts'
import { adminSecretName } from '../tenant/names.ts'
import type { RestoreObservation } from './observation.ts'
import type { RestoreVerdict } from './plan.ts'
import { isCopy } from './purpose.ts'

export function goodNews(
  { restore, tenant }: RestoreObservation,
  { result, until }: Extract<RestoreVerdict, { kind: 'succeeded' }>,
): string {
  const time = result?.ok ? result.recoveryPointTime : restore.status?.recoveryPointTime
  const bytes = result?.ok ? result.bytes : restore.status?.bytes
  const size = bytes === undefined ? '' : ` (${sizeInWords(bytes)})`
  const zip = result?.ok ? result.zip : restore.status?.export
  if (restore.spec.purpose === 'Export')
    return `the data of ${time ?? 'the point'} is in bucket ${zip?.bucket}, key ${zip?.key} (${sizeInWords(zip?.bytes ?? 0)}), as a zip that Odoo's database manager restores`
  const kept = until === undefined ? '' : `; what it replaced is kept until ${until}`
  const theirs =
    restore.spec.purpose === 'Import'
      ? ` of zip ${restore.status?.point ?? ''}, for the administrator in Secret ${adminSecretName(restore.spec.tenant)}${isCopy(restore.spec) ? '' : ', with the identity, mail servers and scheduled jobs of the original'}`
      : ''
  const state = tenant?.spec.suspended ? 'is suspended, with' : 'serves'
  const harmless = isCopy(restore.spec)
    ? ', as a copy that sends no mail and runs no job of its source; take the annotation tenantops.io/egress off the tenant to let it call out'
    : ''
  return `OdooTenant ${restore.spec.tenant} ${state} the data of ${time ?? 'the point'}${size}${theirs}${harmless}${kept}`
}
