/** Why a release could not be rendered, deployed or removed: one sentence that names object and remedy. */

export type ReleaseFailureReason =
  /** The chart or its values cannot be rendered. */
  | 'RenderFailed'
  /** The chart asks for something a tenant's release may not hold. */
  | 'ObjectRefused'
  /** The API server finds the object wrong. */
  | 'ObjectInvalid'
  /** A field that cannot change after creation would change. */
  | 'FieldImmutable'
  | 'QuotaExceeded'
  | 'Forbidden'
  | 'NamespaceMissing'
  /** Somebody else wrote the release at the same time, or the cache was behind. */
  | 'OtherWriter'
  /** A stored revision cannot be read. */
  | 'RecordUnreadable'
  /** The API server did not answer, or asked to come back later. */
  | 'Unavailable'

export class ReleaseFailure extends Error {
  override name = 'ReleaseFailure'
  readonly reason: ReleaseFailureReason
  /**
   * What can help: `input`, a changed spec, chart or plan; `later`, the same again after a back-off;
   * `soon`, the same again with fresh caches.
   */
  readonly remedy: 'input' | 'later' | 'soon'
  constructor(
    reason: ReleaseFailureReason,
    remedy: 'input' | 'later' | 'soon',
    sentence: string,
    cause?: unknown,
  ) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.remedy = remedy
  }
}
