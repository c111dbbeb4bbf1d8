/**
 * kind, where a Docker engine answers and the `kind` program is installed: official node images, pulled by Docker.
 * Written from kind's documentation (v0.33); it could not be tried on the machine where this was made, which has no
 * way to pull images.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Cluster, ClusterOptions } from './cluster.ts'
import { command, tryCommand } from './command.ts'
import { runDirectory } from './paths.ts'
import type { Provider } from './providers.ts'

export const kind: Provider = {
  offered: async () => {
    const found = await tryCommand('kind', ['version'], { timeout: 5000 })
    return found.code === 0 && (await tryCommand('docker', ['info'], { timeout: 5000 })).code === 0
  },
  start,
  stop: async (name) => {
    if (!(await clusterNames()).includes(kindName(name))) return false
    await command('kind', ['delete', 'cluster', '--name', kindName(name)])
    rmSync(join(kindDirectory, name), { recursive: true, force: true })
    return true
  },
}

const kindDirectory = join(runDirectory, '../kind')

/** Names of the clusters that this project made with kind. */
export const kindNames = (): string[] => (existsSync(kindDirectory) ? readdirSync(kindDirectory) : [])

export const kindKubeconfig = (name: string): string => join(kindDirectory, name, 'kubeconfig')

const kindName = (name: string): string => `tenantops-${name}`

async function clusterNames(): Promise<string[]> {
  const listed = await tryCommand('kind', ['get', 'clusters'], { timeout: 20_000 })
  return listed.code === 0 ? listed.stdout.split('\n').map((line) => line.trim()) : []
}

async function start({ name, profile, log }: ClusterOptions): Promise<Cluster> {
  const kubeconfig = kindKubeconfig(name)
  mkdirSync(dirname(kubeconfig), { recursive: true })
  const joined = (await clusterNames()).includes(kindName(name))
  if (joined) {
    log(`kind: joining the running cluster ${kindName(name)}`)
    await command('kind', ['export', 'kubeconfig', '--name', kindName(name), '--kubeconfig', kubeconfig])
  } else {
    log(`kind: creating cluster ${kindName(name)}`)
    await command('kind', [
      'create',
      'cluster',
      '--name',
      kindName(name),
      '--kubeconfig',
      kubeconfig,
      '--wait',
      '180s',
    ])
  }
  return {
    name,
    kubeconfig,
    profile,
    provider: 'kind',
    loadImage: async (archive) => {
      await command('kind', ['load', 'image-archive', archive, '--name', kindName(name)])
    },
    stop: async () => {
      if (!joined) await kind.stop(name)
    },
  }
}
