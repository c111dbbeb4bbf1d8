/**
 * The arguments of every restic command that the agent runs. Nothing secret is among them. Pure.
 *
 * All answer in JSON without progress; a lock that somebody else holds is waited for, since one repository has one writer
 * and a reader or two that are soon gone.
 */

/** Longer than a listing, shorter than the patience of a Job. */
const LOCK_PATIENCE = '2m'

/** Snapshots of one repository are of one tenant: a fixed name, so that restic finds the last one to compare with. */
const HOST = 'tenantops'

const plain = ['--json', '--quiet'] as const
const patient = [...plain, '--retry-lock', LOCK_PATIENCE] as const

export const initArguments = (): readonly string[] => ['init', ...plain]

/** Opens the repository and nothing else. */
export const openArguments = (): readonly string[] => ['cat', 'config', ...plain, '--no-lock']

export const addKeyArguments = (newKeyFile: string): readonly string[] => [
  'key',
  'add',
  ...patient,
  '--host',
  HOST,
  '--user',
  HOST,
  '--new-password-file',
  newKeyFile,
]

export const unlockArguments = (): readonly string[] => ['unlock', ...plain, '--remove-all']

export const snapshotsArguments = (): readonly string[] => ['snapshots', ...plain, '--no-lock']

/** What `command` writes becomes the one file of the snapshot; when it fails there is no snapshot. */
export const backupOutputArguments = (
  tags: readonly string[],
  fileName: string,
  command: readonly string[],
): readonly string[] => [
  'backup',
  ...patient,
  '--host',
  HOST,
  '--tag',
  tags.join(','),
  '--stdin-filename',
  fileName,
  '--stdin-from-command',
  '--',
  ...command,
]

/**
 * Files of the filestore never change once they are written, so size and modification time say enough, and the numbers
 * that a network volume gives them do not matter. `reread`: look into each all the same.
 */
export const backupFilesArguments = (
  tags: readonly string[],
  paths: readonly string[],
  { reread }: { readonly reread: boolean },
): readonly string[] => [
  'backup',
  ...patient,
  '--host',
  HOST,
  '--tag',
  tags.join(','),
  ...(reread ? ['--force'] : ['--ignore-inode', '--ignore-ctime']),
  '--',
  ...paths,
]

export const listArguments = (snapshot: string, folder: string): readonly string[] => [
  'ls',
  ...plain,
  '--no-lock',
  '--recursive',
  snapshot,
  folder,
]

export const restoreArguments = (snapshot: string, folder: string, target: string): readonly string[] => [
  'restore',
  ...patient,
  `${snapshot}:${folder}`,
  '--target',
  target,
]

/** One file of a snapshot, byte for byte. */
export const fetchArguments = (snapshot: string, file: string, target: string): readonly string[] => [
  'dump',
  '--quiet',
  '--retry-lock',
  LOCK_PATIENCE,
  '--target',
  target,
  snapshot,
  file,
]

export const forgetArguments = (snapshots: readonly string[]): readonly string[] => [
  'forget',
  ...patient,
  '--',
  ...snapshots,
]

export const pruneArguments = (): readonly string[] => ['prune', ...patient, '--max-unused', '10%']

/**
 * Looks whether all that snapshots need is there, and reads a part of the packs again: one part after the other reads them
 * all. Without a lock: it would have to be the exclusive one, and a backup would wait as long as the reading takes.
 */
export const checkArguments = (part: number, of: number): readonly string[] => [
  'check',
  ...plain,
  '--no-lock',
  '--read-data-subset',
  `${part}/${of}`,
]

export const sizeArguments = (): readonly string[] => ['stats', ...plain, '--no-lock', '--mode', 'raw-data']
