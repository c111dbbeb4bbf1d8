/** Network policies of a full cluster: the enforcer's process, and its CNI plugin beside Debian's. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { logTail } from '../processes.ts'
import type { Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { kubeconfigOf, type Launch, mustLive } from './control-plane.ts'

export const policyPlugin = 'tenantops-policy'

/** A directory with the plugins of `directory` and the one that holds a pod until its fences stand. */
export function pluginsWithPolicy(run: string, directory: string): string {
  const plugins = join(run, 'cni-bin')
  mkdirSync(plugins)
  for (const name of readdirSync(directory)) symlinkSync(join(directory, name), join(plugins, name))
  symlinkSync(join(import.meta.dirname, 'policy/plugin.sh'), join(plugins, policyPlugin))
  return plugins
}

/** Returns when the policies that are there are in force, and pods can come. */
export async function startPolicy(run: string, launch: Launch, log: Log): Promise<void> {
  const program = join(import.meta.dirname, 'policy/enforcer.ts')
  const ready = join(run, 'policy-ready')
  const enforcer = launch('enforcer', [process.execPath, program, kubeconfigOf(run), ready])
  await waitFor(
    { what: 'network policies to be in force', seconds: 60, hint: () => logTail(run, 'enforcer') },
    () => {
      mustLive(run, { enforcer })
      return existsSync(ready)
    },
  )
  log('network policies in force')
}
