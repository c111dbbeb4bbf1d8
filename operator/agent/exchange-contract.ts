/** What the Jobs that link and remove directories of the filestore are told, and what they answer. */

export interface ExchangeFilesSpec {
  /** Directories below `filestore/`: the tenant's own, the restored one, and where what is replaced is kept. */
  readonly database?: string
  readonly restored?: string
  readonly former?: string
  /** Directories to be taken away, with all they hold. */
  readonly remove?: readonly string[]
}

export interface ExchangeFilesResult {
  readonly ok: true
  /** Files of the former that were linked into its directory, and files of the point. */
  readonly kept: number
  readonly brought: number
}
