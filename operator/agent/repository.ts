/**
 * One tenant's repository as the agent uses it. It is opened with the tenant's key; when that is not known (it was lost
 * with the cluster), the escrow key opens it, and a writer adds the tenant's new one. A writer makes the repository when
 * there is none, and sees to it that the escrow key opens it too: without that a lost key would be lost data.
 */
import {
  type BackupSummary,
  parseBackup,
  parseListed,
  parseSize,
  parseSnapshots,
  type Snapshot,
} from '../restic/answers.ts'
import {
  addKeyArguments,
  backupFilesArguments,
  backupOutputArguments,
  checkArguments,
  fetchArguments,
  forgetArguments,
  initArguments,
  listArguments,
  openArguments,
  pruneArguments,
  restoreArguments,
  sizeArguments,
  snapshotsArguments,
  unlockArguments,
} from '../restic/commands.ts'
import { ResticError, type ResticFaultKind } from '../restic/fault.ts'
import { type ResticPlace, repositoryAddress } from '../restic/repository.ts'
import { type ResticRun, runRestic } from '../restic/run.ts'
import type { RepositoryPart } from './check-contract.ts'
import type { RepositoryPlaces } from './point-paths.ts'

/** The commands of an opened repository; each throws `ResticError`. */
export interface Repository {
  /** All that were in it when it was opened: asking for them is how it is opened, since each look costs a second. */
  readonly snapshots: readonly Snapshot[]
  backUpOutput(
    tags: readonly string[],
    fileName: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<BackupSummary>
  backUpFiles(
    tags: readonly string[],
    paths: readonly string[],
    how: { readonly reread: boolean },
  ): Promise<BackupSummary>
  /** Files below a folder of a snapshot: path below it → size. */
  list(snapshot: string, folder: string): Promise<ReadonlyMap<string, number>>
  restore(snapshot: string, folder: string, target: string): Promise<void>
  fetch(snapshot: string, file: string, target: string): Promise<void>
  forget(snapshots: readonly string[]): Promise<void>
  prune(): Promise<void>
  size(): Promise<number>
  /** Throws what is wrong with it. */
  check(part: RepositoryPart): Promise<void>
}

/** `write`: make it when there is none, and set its keys right. */
export async function openRepository(
  places: RepositoryPlaces,
  run: ResticRun,
  { write }: { readonly write: boolean },
): Promise<Repository> {
  const { place, snapshots } = await openPlace(places, run, write)
  if (places.tenant.repository.formerHolderGone === true) await runRestic(place, unlockArguments(), run)
  const restic = (args: readonly string[], more: Partial<ResticRun> = {}) =>
    runRestic(place, args, { ...run, ...more })
  return {
    snapshots,
    backUpOutput: async (tags, fileName, command, environment) =>
      parseBackup(await restic(backupOutputArguments(tags, fileName, command), { environment })),
    backUpFiles: async (tags, paths, how) =>
      parseBackup(await restic(backupFilesArguments(tags, paths, how))),
    list: async (snapshot, folder) => {
      const found = new Map<string, number>()
      const onLine = (line: string) => {
        const file = parseListed(line)
        if (file?.path.startsWith(`${folder}/`)) found.set(file.path.slice(folder.length + 1), file.size)
      }
      await restic(listArguments(snapshot, folder), { onLine })
      return found
    },
    restore: async (snapshot, folder, target) => {
      await restic(restoreArguments(snapshot, folder, target))
    },
    fetch: async (snapshot, file, target) => {
      await restic(fetchArguments(snapshot, file, target))
    },
    forget: async (snapshots) => {
      if (snapshots.length > 0) await restic(forgetArguments(snapshots))
    },
    prune: async () => {
      await restic(pruneArguments())
    },
    size: async () => parseSize(await restic(sizeArguments())),
    check: async ({ number, of }) => {
      await restic(checkArguments(number, of))
    },
  }
}

/** Which of its keys open it. */
export async function keysThatOpen(
  { tenant, escrow }: RepositoryPlaces,
  run: ResticRun,
): Promise<{ readonly tenant: boolean; readonly escrow: boolean }> {
  const opens = async (place: ResticPlace) =>
    (await unless(() => runRestic(place, openArguments(), { ...run, patience: PATIENCE }), ['wrong-key'])) !==
    'wrong-key'
  return { tenant: await opens(tenant), escrow: await opens(escrow) }
}

/** Milliseconds for a store to answer at all; a Job comes again later. */
const PATIENCE = 30_000

interface Opened {
  readonly place: ResticPlace
  readonly snapshots: readonly Snapshot[]
}

async function openPlace(
  { tenant, escrow }: RepositoryPlaces,
  run: ResticRun,
  write: boolean,
): Promise<Opened> {
  const opening = { ...run, patience: PATIENCE }
  const look = async (place: ResticPlace) =>
    parseSnapshots(await runRestic(place, snapshotsArguments(), opening))
  const addKey = (known: ResticPlace, added: ResticPlace) =>
    runRestic(known, addKeyArguments(added.keyFile), run)
  const opened = await unless(() => look(tenant), write ? ['wrong-key', 'no-repository'] : ['wrong-key'])
  switch (opened) {
    case 'no-repository':
      await make(tenant, run)
      await addKey(tenant, escrow)
      return { place: tenant, snapshots: [] }
    case 'wrong-key': {
      const snapshots = await look(escrow)
      if (!write) return { place: escrow, snapshots }
      await addKey(escrow, tenant)
      return { place: tenant, snapshots }
    }
    default:
      // Perhaps its maker was killed before the second key was in, or the policy has a new one.
      if (
        write &&
        (await unless(() => runRestic(escrow, openArguments(), run), ['wrong-key'])) === 'wrong-key'
      )
        await addKey(tenant, escrow)
      return { place: tenant, snapshots: opened }
  }
}

/** Its first key is written before all else: a maker that was killed right then leaves what restic refuses to touch. */
async function make(place: ResticPlace, run: ResticRun): Promise<void> {
  if ((await unless(() => runRestic(place, initArguments(), run), ['damaged'])) !== 'damaged') return
  const address = repositoryAddress(place.repository)
  throw new ResticError(
    'damaged',
    `repository ${address} was left half made, with a key and nothing else; delete the folder keys below it in the store`,
    [],
  )
}

/** What the work gives, or the fault that it may have. */
async function unless<T, Fault extends ResticFaultKind>(
  work: () => Promise<T>,
  expected: readonly Fault[],
): Promise<T | Fault> {
  try {
    return await work()
  } catch (error) {
    const fault = error instanceof ResticError ? expected.find((kind) => kind === error.kind) : undefined
    if (fault === undefined) throw error
    return fault
  }
}
