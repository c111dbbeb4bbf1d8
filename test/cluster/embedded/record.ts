/** What is written about a cluster before anything of it starts, so that any later process can stop it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Profile } from '../cluster.ts'
import { clusterDirectory, runDirectory } from '../paths.ts'
import type { ProcessIdentity } from '../processes.ts'

export interface ClusterRecord {
  readonly name: string
  readonly profile: Profile
  /** Goes on running when the process that started it ends. */
  readonly keep: boolean
  readonly owner: ProcessIdentity
  /** Set once every part answers. */
  readonly ready: boolean
}

const recordPath = (name: string): string => join(clusterDirectory(name), 'cluster.json')

/** Takes the name; false when another process has it. */
export function createRecord(record: ClusterRecord): boolean {
  mkdirSync(dirname(clusterDirectory(record.name)), { recursive: true })
  try {
    mkdirSync(clusterDirectory(record.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  writeRecord(record)
  return true
}

export function writeRecord(record: ClusterRecord): void {
  writeFileSync(recordPath(record.name), JSON.stringify(record, null, 2))
}

export function readRecord(name: string): ClusterRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(name), 'utf8')) as ClusterRecord
  } catch {
    return undefined
  }
}

/** Names of all clusters that have a run directory, whatever state they are in. */
export function recordedNames(): string[] {
  try {
    return readdirSync(runDirectory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch {
    return []
  }
}
