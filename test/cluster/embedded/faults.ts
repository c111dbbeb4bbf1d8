/**
 * What a test may do to a control plane that it started itself: kill, freeze and start the API server, and make etcd
 * forget its history. Nothing else of the cluster is touched: etcd keeps the data, so the server comes back as it was.
 */
import { readFileSync } from 'node:fs'
import { clusterDirectory } from '../paths.ts'
import { isAlive, killProcesses, logTail, recordedProcesses, startProcess } from '../processes.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, call } from './api.ts'
import { kubeconfigOf, rarelySwept } from './control-plane.ts'
import { isFree } from './ports.ts'

export interface ControlPlaneFaults {
  /** SIGKILL: connections end at once, and whatever was being answered is not. */
  killApiServer(): Promise<void>
  /** The same command line again, with these flags behind it; resolves when it is ready. */
  startApiServer(...flags: readonly string[]): Promise<void>
  /** SIGSTOP: connections stay open and nobody answers. */
  freezeApiServer(): void
  thawApiServer(): void
  /** etcd keeps only the newest version of everything; the answer is that revision. */
  compact(): Promise<number>
}

const component = 'kube-apiserver'

/** For a cluster of profile control-plane. */
export function faultsOf(name: string): ControlPlaneFaults {
  const run = clusterDirectory(name)
  const argv = commandLine(recorded(run).pid)
  const etcd = argv.find((flag) => flag.startsWith('--etcd-servers='))?.split('=')[1]
  if (etcd === undefined)
    throw new ClusterError(`The API server of ${name} was started without --etcd-servers.`)

  const port = Number(argv.find((flag) => flag.startsWith('--secure-port='))?.split('=')[1])

  const signal = (word: 'SIGSTOP' | 'SIGCONT') => process.kill(recorded(run).pid, word)
  return {
    killApiServer: async () => {
      await killProcesses([recorded(run)])
      // A killed process counts as gone when its first thread is; its sockets go with the last one.
      await waitFor({ what: 'the port of the API server to be free', seconds: 30, every: 20 }, () =>
        isFree(port),
      )
    },
    startApiServer: async (...flags) => {
      const [program = '', ...others] = argv
      const started = startProcess(run, component, [program, ...others, ...flags], rarelySwept)
      const api = apiOf(kubeconfigOf(run))
      const ready = {
        what: 'the API server to be ready again',
        seconds: 60,
        every: 50,
        hint: () => logTail(run, component),
      }
      await waitFor(ready, async () => {
        if (!isAlive(started)) throw new ClusterError(`${component} ended; ${logTail(run, component)}`)
        return (await call(api, 'GET', '/readyz')).status === 200
      })
    },
    freezeApiServer: () => signal('SIGSTOP'),
    thawApiServer: () => signal('SIGCONT'),
    compact: async () => {
      const { header } = await ask(`${etcd}/v3/kv/range`, { key: btoa('none') })
      const revision = Number(header.revision)
      await ask(`${etcd}/v3/kv/compaction`, { revision, physical: true })
      return revision
    },
  }
}

function recorded(run: string) {
  const found = recordedProcesses(run).get(component)
  if (found === undefined || !isAlive(found)) throw new ClusterError(`No API server runs from ${run}.`)
  return found
}

function commandLine(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
}

async function ask(url: string, body: object): Promise<{ header: { revision: string } }> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new ClusterError(`etcd answered ${answer.status} to ${url}: ${await answer.text()}`)
  return (await answer.json()) as { header: { revision: string } }
}
