/** Removes everything of a cluster by what its run directory says; safe to repeat, whoever started it. */
import { endAbandonedBuilds } from '../builds.ts'
import { command } from '../command.ts'
import { clusterDirectory } from '../paths.ts'
import { killProcesses, recordedProcesses } from '../processes.ts'
import { cellInit, findCell } from './cell.ts'
import { removeCgroup } from './cgroups.ts'
import { disconnect, recordedLink, waitForLinkGone } from './network.ts'
import { readRecord } from './record.ts'

export async function removeCluster(name: string): Promise<void> {
  const run = clusterDirectory(name)
  const cell = findCell(run)
  const init = cell === undefined ? undefined : cellInit(cell.holder)
  // Killing the first process of the cell makes the kernel kill all others in it before that one is gone.
  if (init !== undefined) await killProcesses([init])
  await killProcesses(recordedProcesses(run).values())
  // Without a readable record it may have been one with a cell.
  const profile = readRecord(name)?.profile ?? 'full'
  if (profile === 'full') {
    const link = recordedLink(run)
    if (link !== undefined) await waitForLinkGone(link)
    await disconnect(run)
    await removeCgroup(run)
  }
  // Unpacked images are tens of thousands of files; node's rmSync would block this process meanwhile.
  await command('rm', ['-rf', '--one-file-system', run])
  endAbandonedBuilds({ mine: false })
}
