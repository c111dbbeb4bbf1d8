/** The programs that builds need, installed from Debian when they are missing. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ClusterError, type Log } from '../progress.ts'
import { type CommandOptions, command } from './command.ts'

/** Program → Debian package. */
const TOOLS: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  debootstrap: 'debootstrap',
  pip3: 'python3-pip',
}

export async function ensureTools(options: CommandOptions, log: Log): Promise<void> {
  const missing = Object.entries(TOOLS).filter(([program]) => !onPath(program))
  if (missing.length === 0) return
  const packages = missing.map(([, name]) => name)
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new ClusterError(
      `Building images needs ${packages.join(', ')}; install them, or run as root on Debian so that it is done for you`,
    )
  }
  log(`installing ${packages.join(', ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  // Another step of the same start may be installing packages: wait for its lock.
  const apt = ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=300']
  await command([...apt, 'update'], { ...options, env })
  await command([...apt, 'install', '--no-install-recommends', ...packages, 'ca-certificates'], {
    ...options,
    env,
  })
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)))
}
