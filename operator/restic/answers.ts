/** What restic answers in JSON, as far as it is used. Text that is not as expected is an error, never an empty answer. Pure. */

/** A snapshot as it stands in the repository. */
export interface Snapshot {
  readonly id: string
  readonly time: string
  readonly tags: readonly string[]
  readonly paths: readonly string[]
  /** Bytes of what was stored, and of what that added to the store. */
  readonly bytes: number
  readonly bytesAdded: number
  readonly seconds: number
}

interface RawSnapshot {
  readonly id: string
  readonly time: string
  readonly tags?: readonly string[]
  readonly paths?: readonly string[]
  readonly summary?: {
    readonly backup_start?: string
    readonly backup_end?: string
    readonly data_added_packed?: number
    readonly total_bytes_processed?: number
  }
}

export function parseSnapshots(lines: readonly string[]): readonly Snapshot[] {
  const found = parse(lines.join('\n'), 'snapshots') as readonly RawSnapshot[] | null
  return (found ?? []).map(({ id, time, tags = [], paths = [], summary = {} }) => ({
    id,
    time,
    tags,
    paths,
    bytes: summary.total_bytes_processed ?? 0,
    bytesAdded: summary.data_added_packed ?? 0,
    seconds: secondsBetween(summary.backup_start, summary.backup_end),
  }))
}

export interface BackupSummary {
  readonly snapshot: string
  readonly bytes: number
  readonly bytesAdded: number
}

export function parseBackup(lines: readonly string[]): BackupSummary {
  const summary = lines.map((line) => parse(line, 'backup')).find((line) => has(line, 'summary'))
  const { snapshot_id, total_bytes_processed, data_added_packed } = (summary ?? {}) as Record<string, unknown>
  if (typeof snapshot_id !== 'string') throw new Error('restic backup ended well but named no snapshot')
  return { snapshot: snapshot_id, bytes: count(total_bytes_processed), bytesAdded: count(data_added_packed) }
}

/** A line of `ls`; undefined for what is no file. */
export function parseListed(line: string): { readonly path: string; readonly size: number } | undefined {
  const node = parse(line, 'ls') as Record<string, unknown>
  if (!has(node, 'node') || node.type !== 'file' || typeof node.path !== 'string') return undefined
  return { path: node.path, size: count(node.size) }
}

/** Bytes of everything that is stored. */
export function parseSize(lines: readonly string[]): number {
  return count((parse(lines.join('\n'), 'stats') as Record<string, unknown>).total_size)
}

function parse(text: string, command: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`restic ${command} answered what is not JSON: ${text.slice(0, 200)}`)
  }
}

const has = (value: unknown, type: string): boolean =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>).message_type === type

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

function secondsBetween(start: string | undefined, end: string | undefined): number {
  const milliseconds = Date.parse(end ?? '') - Date.parse(start ?? '')
  return Number.isFinite(milliseconds) ? milliseconds / 1000 : 0
}
