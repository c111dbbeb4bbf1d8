/**
 * Who owns the fields of an object that Helm's field manager applied, told from its managedFields. Pure.
 *
 * When somebody changes or removes a field of ours, the API server takes that field out of our entry; what others add
 * (sidecars, annotations) never touches it. So the digest of our own entry changes exactly when something of ours did.
 * A Deployment's number of replicas is left out of it: an autoscaler may set that, and anybody else who does is marked.
 */
import { createHash } from 'node:crypto'

/** What releases are applied as; the Helm CLI writes by the same name. */
export const releaseManager = 'helm'

export interface ManagedFields {
  readonly manager?: string | undefined
  readonly operation?: string | undefined
  readonly subresource?: string | undefined
  readonly time?: string | undefined
  readonly apiVersion?: string | undefined
  readonly fieldsType?: string | undefined
  readonly fieldsV1?: Fields | undefined
}

export interface Fields {
  readonly [name: string]: Fields | undefined
}

export interface Ownership {
  /** Of the fields that are ours, 16 hex digits; empty when none is. */
  readonly digest: string
  /** The number of replicas is an autoscaler's. */
  readonly autoscaled: boolean
  /** Who wrote last beside us; whoever only tells of the object's status does not count. */
  readonly lastOther?: string | undefined
}

/** Every autoscaler of Kubernetes, KEDA's too, sets replicas by the controller manager's hand. */
const autoscaler = 'kube-controller-manager'

export function ownershipOf(entries: readonly ManagedFields[] = []): Ownership {
  const mine = entries.find(isOurs)
  const others = entries.filter((entry) => entry !== mine && entry.subresource !== 'status')
  const scalers = others.filter(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:replicas'])
  const autoscaled = scalers.some(
    ({ manager, subresource }) => manager === autoscaler && subresource === 'scale',
  )
  const fields = mine?.fieldsV1
  const scaled = scalers.length > 0 && !autoscaled && !fields?.['f:spec']?.['f:replicas']
  const last = others.reduce<ManagedFields | undefined>(later, undefined)
  return {
    digest: fields === undefined ? '' : digestOf(fields, scaled),
    autoscaled,
    ...(last?.manager === undefined ? {} : { lastOther: last.manager }),
  }
}

function later(last: ManagedFields | undefined, next: ManagedFields): ManagedFields {
  return last && (last.time ?? '') > (next.time ?? '') ? last : next
}

export function isOurs({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === releaseManager && operation === 'Apply' && !subresource
}

function digestOf(fields: Fields, scaled: boolean): string {
  const { 'f:spec': spec, ...rest } = fields
  const { 'f:replicas': _, ...kept } = spec ?? {}
  // The API server writes fields in one order; sorting them again would take ten times as long.
  const text = JSON.stringify([rest, kept])
  return createHash('sha256')
    .update(scaled ? `${text} scaled` : text)
    .digest('hex')
    .slice(0, 16)
}
