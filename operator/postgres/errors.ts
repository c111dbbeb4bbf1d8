/** Faults of the database server as typed errors, each with one sentence that a person can act on. */

/** What went wrong, as far as the operator treats it differently. */
export type PostgresFault =
  | 'Unreachable' // refused, reset, no route, timed out
  | 'NameNotResolved'
  | 'WrongPassword'
  | 'TlsRefused'
  | 'TooManyConnections'
  | 'MissingPrivilege'
  | 'DiskFull'
  | 'ReadOnly' // a standby, or a primary that was told to write nothing
  | 'ServerStarting' // starting up, shutting down, in recovery, session terminated
  | 'DatabaseInUse' // "source database is being accessed by other users"
  | 'Conflict' // deadlock, serialization, "tuple concurrently updated", made by somebody else meanwhile
  | 'Timeout' // statement or lock timeout
  | 'DatabaseMissing'
  | 'InvalidInput' // a name or value this operator refuses to send
  | 'Other'

/** Faults that heal without a change of any manifest: worth a retry with back-off. The rest waits for a person. */
const transientFaults: ReadonlySet<PostgresFault> = new Set<PostgresFault>([
  'Unreachable',
  'NameNotResolved',
  'TooManyConnections',
  'DiskFull',
  'ReadOnly',
  'ServerStarting',
  'DatabaseInUse',
  'Conflict',
  'Timeout',
])

/** The one error the driver throws. `message` is the sentence for the condition; `cause` keeps what `pg` said. */
export class PostgresError extends Error {
  readonly fault: PostgresFault
  readonly transient: boolean

  constructor(fault: PostgresFault, sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.name = 'PostgresError'
    this.fault = fault
    this.transient = transientFaults.has(fault)
  }
}
