/**
 * The harness by hand:
 *
 *     node test/cluster/main.ts up --profile control-plane|fleet|full --name NAME [IMAGE …]    starts it and leaves it running
 *     node test/cluster/main.ts load --name NAME ARCHIVE …    docker-archives, for the pods of a full cluster
 *     node test/cluster/main.ts list | kubeconfig --name NAME | tools
 *     node test/cluster/main.ts down --name NAME | down --all
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Profile, startCluster, stopCluster } from './cluster.ts'
import { kubeconfigOf } from './embedded/control-plane.ts'
import { readRecord, recordedNames } from './embedded/record.ts'
import { kindKubeconfig, kindNames } from './kind.ts'
import { clusterDirectory } from './paths.ts'
import { ClusterError } from './progress.ts'
import { ensureTools } from './tools.ts'

const usage =
  'usage: main.ts up|load|down|list|kubeconfig|tools [--profile control-plane|fleet|full] [--name NAME] [--all]'

/** All clusters made from this project, by whichever provider. */
const clusterNames = () => [...new Set([...recordedNames(), ...kindNames()])]

function profileOf(text: string): Profile {
  if (text === 'control-plane' || text === 'fleet' || text === 'full') return text
  throw new ClusterError(`"${text}" is no profile: use control-plane, fleet or full.`)
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      profile: { type: 'string', default: 'full' },
      name: { type: 'string', default: 'tenantops' },
      all: { type: 'boolean', default: false },
    },
  })
  switch (positionals[0]) {
    case 'up': {
      const { name } = values
      const images = positionals.slice(1)
      const cluster = await startCluster({
        profile: profileOf(values.profile),
        name,
        keep: true,
        images,
        log: console.log,
      })
      console.log(`export KUBECONFIG=${cluster.kubeconfig}`)
      return
    }
    case 'down':
      for (const name of values.all ? clusterNames() : [values.name]) {
        console.log(
          (await stopCluster(name))
            ? `${name}: stopped, nothing is left of it`
            : `${name}: there is no such cluster`,
        )
      }
      return
    case 'load': {
      if (!clusterNames().includes(values.name))
        throw new ClusterError(`There is no cluster ${values.name}: start it by up.`)
      const cluster = await startCluster({ profile: 'full', name: values.name, keep: true, log: () => {} })
      for (const archive of positionals.slice(1)) await cluster.loadImage(resolve(archive))
      return
    }
    case 'list':
      for (const name of recordedNames()) {
        const record = readRecord(name)
        console.log(
          [name, record?.profile ?? '?', record?.ready ? 'ready' : 'not ready', record?.keep ? 'kept' : '']
            .join('\t')
            .trimEnd(),
        )
      }
      for (const name of kindNames()) console.log(`${name}\tkind`)
      return
    case 'kubeconfig':
      console.log(
        kindNames().includes(values.name)
          ? kindKubeconfig(values.name)
          : kubeconfigOf(clusterDirectory(values.name)),
      )
      return
    case 'tools':
      for (const [tool, path] of Object.entries(await ensureTools())) console.log(`${tool}\t${path}`)
      return
    default:
      throw new ClusterError(usage)
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ClusterError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
