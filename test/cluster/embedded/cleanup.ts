/** Removes everything of a cluster by what its run directory says; safe to repeat, whoever started it. */
import { rmSync } from 'node:fs'
import { clusterDirectory } from '../paths.ts'
import { killProcesses, recordedProcesses } from '../processes.ts'

export async function removeCluster(name: string): Promise<void> {
  const run = clusterDirectory(name)
  await killProcesses(recordedProcesses(run).values())
  rmSync(run, { recursive: true, force: true })
}
