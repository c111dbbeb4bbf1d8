/** What the embedded cluster needs of this machine; each lack is one sentence with its remedy. */
import { isBuilt } from './binaries.ts'
import type { Profile } from './cluster.ts'
import { tryCommand } from './command.ts'
import { cacheDirectory, projectDirectory } from './paths.ts'
import { ClusterError } from './progress.ts'

interface Machine {
  readonly platform: string
  readonly uid: number
  readonly programs: ReadonlySet<string>
  readonly goVersion: string | undefined
  /** Nothing is left to compile. */
  readonly built: boolean
  readonly directories: readonly string[]
}

const lowestGo = 25

/** The sentences for all that is missing; none when the profile can start. */
export function missing(profile: Profile, machine: Machine): string[] {
  const said: string[] = []
  const full = profile === 'full'
  if (machine.platform !== 'linux') {
    said.push(
      `The embedded cluster runs on Linux only (this is ${machine.platform}): install Docker and kind, or name a cluster by TENANTOPS_KUBECONFIG.`,
    )
    return said
  }
  const minor = Number(machine.goVersion?.match(/go1\.(\d+)/)?.[1] ?? 0)
  if (machine.built) {
    // Go has done its work.
  } else if (machine.goVersion === undefined)
    said.push(
      `Go is missing: install Go 1.${lowestGo} or newer from https://go.dev/dl and put it on the PATH.`,
    )
  else if (minor < lowestGo)
    said.push(
      `Go is too old (${machine.goVersion}): install Go 1.${lowestGo} or newer from https://go.dev/dl.`,
    )
  if (!machine.programs.has('openssl'))
    said.push('openssl is missing: install it, for example with `apt-get install openssl`.')
  if (full && machine.uid !== 0)
    said.push(
      'Pods need root: run the same command with sudo, or use kind, or name a cluster by TENANTOPS_KUBECONFIG.',
    )
  if (full && !machine.programs.has('apt-get'))
    said.push(
      'apt-get is missing: pods need the packages of a Debian or Ubuntu system; elsewhere use kind, or name a cluster by TENANTOPS_KUBECONFIG.',
    )
  if (full && !(machine.programs.has('unshare') && machine.programs.has('nsenter')))
    said.push('unshare and nsenter are missing: install util-linux.')
  const hidden = machine.directories.find((path) => /^\/(run|var\/lib|var\/log)\//.test(path))
  if (full && hidden !== undefined)
    said.push(
      `${hidden} lies where the node keeps its own files: move the project, or TENANTOPS_CACHE, out of /run, /var/lib and /var/log.`,
    )
  return said
}

/** Throws with all sentences at once when something is missing. */
export async function checkPrerequisites(profile: Profile): Promise<void> {
  const said = missing(profile, await thisMachine(profile))
  if (said.length > 0) throw new ClusterError(said.join('\n'))
}

async function thisMachine(profile: Profile): Promise<Machine> {
  const candidates: readonly (readonly [string, readonly string[]])[] = [
    ['openssl', ['version']],
    ['apt-get', ['--version']],
    ['unshare', ['--version']],
    ['nsenter', ['--version']],
  ]
  const found = await Promise.all(
    candidates.map(async ([name, args]) => ({ name, code: (await tryCommand(name, args)).code })),
  )
  const go = await tryCommand('go', ['version'])
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    programs: new Set(found.filter(({ code }) => code === 0).map(({ name }) => name)),
    built: isBuilt(profile),
    goVersion: go.code === 0 ? go.stdout : undefined,
    directories: [projectDirectory, cacheDirectory],
  }
}
