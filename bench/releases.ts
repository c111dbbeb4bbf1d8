/**
 * What a release costs: installs and one-value upgrades of the tenant's chart on a control plane of its own, by the
 * operator's release driver with Helm's engine, by the same driver with one `helm template` process a change, and by the
 * Helm CLI. Namespaces are made before. `npm run bench releases 1000` takes another number than 200.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadChart } from '../operator/helm/chart.ts'
import { HelmEngine } from '../operator/helm/engine.ts'
import { fewestValues } from '../operator/helm/full-values.ts'
import { revisionsOf } from '../operator/helm/history.ts'
import { deployRelease, type ReleaseClient } from '../operator/helm/release.ts'
import { releaseClient } from '../operator/helm/release-client.ts'
import { helmRenderer } from '../operator/helm/render.ts'
import type { ChartRenderer } from '../operator/helm/renderer.ts'
import type { KubeClient } from '../operator/kube/client.ts'
import { createClient } from '../operator/kube/http-client.ts'
import { kindOf, kinds } from '../operator/kube/kinds.ts'
import type { KubeObject } from '../operator/kube/object.ts'
import { openTransport } from '../operator/kube/transport.ts'
import { startCluster } from '../test/cluster/cluster.ts'
import { clusterDirectory } from '../test/cluster/paths.ts'
import { recordedProcesses } from '../test/cluster/processes.ts'
import { ensureHelmEngine, ensureTools } from '../test/cluster/tools.ts'
import { type Spent, spentBy, spentSince } from './fleet/components.ts'
import { inParallel } from './fleet/in-parallel.ts'
import { cpuSecondsOf } from './fleet/operator-process.ts'
import type { Bench } from './main.ts'

const NAME = 'bench-releases'
const KUBE_VERSION = '1.33.0'
const WORKERS = 8
/** As many at a time as the machine has cores: more only makes them slower. */
const CLI_WORKERS = 2
const WARM_UP = 20
const CLI_RELEASES = 20
const TARGET = { installs: 500, upgrades: 800, cpu: 0.25, requestsBeyondObjects: 4 }

const run = promisify(execFile)
const chartFolder = join(import.meta.dirname, '../charts/odoo-tenant')
const installed = { ...fewestValues, hosts: ['acme.example.com'] }
/** One value, one object: an annotation of the Ingress. */
const upgraded = { ...installed, ingress: { annotations: { 'example.com/edited': 'once' } } }

/** Seconds of CPU are those of one release; `client` is this process, as the operator or as the CLI's starter; `helm` the engine and every `helm`. */
interface Phase {
  readonly perMinute: number
  readonly cpuSeconds: Spent
  /** Of client, helm and API server. */
  readonly cpuSecondsInAll: number
  readonly requests: number
}

export const releases: Bench = {
  about: `releases a minute: installs at least ${TARGET.installs}, upgrades at least ${TARGET.upgrades}, by 2 cores`,
  run: async (log) => {
    const count = Number(process.argv[3] ?? 200)
    const tools = await ensureTools(log)
    const program = await ensureHelmEngine(log)
    const cluster = await startCluster({ profile: 'control-plane', name: NAME, log })
    const transport = await openTransport({ kubeconfig: cluster.kubeconfig })
    const engine = new HelmEngine({ program, kubeVersion: KUBE_VERSION })
    try {
      const kube = createClient(transport)
      const place: Place = { kube, engine, log, tally: { requests: 0 } }
      const byProcess = helmRenderer({ helm: tools.helm, kubeVersion: KUBE_VERSION })
      await driven(place, 'warm-up', WARM_UP, engine)
      const raw = await applied(place, count)
      const driver = await driven(place, 'engine', count, engine)
      const template = await driven(place, 'template', Math.max(CLI_RELEASES, count / 4), byProcess)
      const cli = await commanded(place, tools.helm, cluster.kubeconfig)
      const { install, upgrade } = driver
      return {
        name: 'releases',
        figures: {
          count,
          workers: WORKERS,
          objects: driver.objects,
          raw,
          engine: { install, upgrade },
          template: { install: template.install, upgrade: template.upgrade },
          cli,
          cliCpuToEngineCpu: {
            install: rounded(cli.install.cpuSecondsInAll / install.cpuSecondsInAll),
            upgrade: rounded(cli.upgrade.cpuSecondsInAll / upgrade.cpuSecondsInAll),
          },
        },
        targets: {
          'engine.install.perMinute': `>= ${TARGET.installs}`,
          'engine.upgrade.perMinute': `>= ${TARGET.upgrades}`,
          'engine.install.cpuSecondsInAll': `<= ${TARGET.cpu}`,
          'engine.install.requests': `<= objects + ${TARGET.requestsBeyondObjects}`,
        },
        ok:
          install.perMinute >= TARGET.installs &&
          upgrade.perMinute >= TARGET.upgrades &&
          install.cpuSecondsInAll <= TARGET.cpu &&
          install.requests <= driver.objects + TARGET.requestsBeyondObjects,
      }
    } finally {
      await engine.close()
      await transport.close()
      await cluster.stop()
    }
  },
}

interface Place {
  readonly kube: KubeClient
  readonly engine: HelmEngine
  readonly log: (line: string) => void
  readonly tally: { requests: number }
}

/** By the operator's release driver. */
async function driven(place: Place, prefix: string, count: number, renderer: ChartRenderer) {
  const { kube } = place
  const names = await makeNamespaces(place, prefix, count)
  const chart = await loadChart(chartFolder)
  const tools = { client: counted(releaseClient(kube), place.tally), renderer, now: Date.now }
  let objects = 0
  const deploy = (values: object, secrets: readonly KubeObject[]) => async (namespace: string) => {
    const own = secrets.filter(({ metadata }) => metadata.namespace === namespace)
    const target = { release: 'acme', namespace }
    const done = await deployRelease(tools, { target, chart, values, revisions: revisionsOf(own, 'acme') })
    objects = done.objects
  }
  const install = await phase(place, `${prefix}: install`, names, WORKERS, deploy(installed, []))
  // The operator knows them from its watch.
  const { items } = await kube.list(kinds.Secret, { labelSelector: 'owner=helm', metadataOnly: true })
  const upgrade = await phase(place, `${prefix}: upgrade`, names, WORKERS, deploy(upgraded, items))
  return { install, upgrade, objects }
}

/** The floor: the same objects by server-side apply alone, and of an upgrade the one that changes; no render, no record. */
async function applied(place: Place, count: number) {
  const names = await makeNamespaces(place, 'raw', count)
  const client = counted(releaseClient(place.kube), place.tally)
  // Rendered once for a namespace of no meaning, whose name is then replaced.
  const render = async (values: object) => {
    const request = { release: 'acme', namespace: 'any-namespace', chart: chartFolder, values }
    return (await place.engine.render(request)).documents.map((object) => JSON.stringify(object))
  }
  const before = await render(installed)
  const after = await render(upgraded)
  const send = (objects: readonly string[]) => async (namespace: string) => {
    const all = objects.map(async (text) => {
      const object = JSON.parse(text.replaceAll('any-namespace', namespace)) as KubeObject
      const kind = kindOf(object.apiVersion, object.kind)
      if (!kind) throw new Error(`${object.kind} is missing in the table of kinds`)
      await client.applyAs('helm', kind, object)
    })
    await Promise.all(all)
  }
  const install = await phase(place, 'raw: install', names, WORKERS, send(before))
  const upgrade = await phase(
    place,
    'raw: upgrade',
    names,
    WORKERS,
    send(after.filter((object) => !before.includes(object))),
  )
  return { install, upgrade }
}

/** By the Helm CLI. Its requests are not counted here. */
async function commanded(place: Place, helm: string, kubeconfig: string) {
  const names = await makeNamespaces(place, 'cli', CLI_RELEASES)
  const command = (verb: string, values: object) => async (namespace: string) => {
    const args = [verb, 'acme', chartFolder, '-n', namespace, '--disable-openapi-validation', '-f', '-']
    const running = run(helm, [...args, '--kubeconfig', kubeconfig])
    running.child.stdin?.end(JSON.stringify(values))
    await running
  }
  const install = await phase(place, 'cli: install', names, CLI_WORKERS, command('install', installed))
  const upgrade = await phase(place, 'cli: upgrade', names, CLI_WORKERS, command('upgrade', upgraded))
  return { install, upgrade }
}

async function phase(
  place: Place,
  name: string,
  namespaces: readonly string[],
  workers: number,
  work: (namespace: string) => Promise<void>,
): Promise<Phase> {
  const before = { spent: spentNow(place), requests: place.tally.requests, at: performance.now() }
  await inParallel(workers, namespaces, work)
  const seconds = (performance.now() - before.at) / 1000
  const each = (total: number) => rounded(total / namespaces.length)
  const spent = spentSince(before.spent, spentNow(place))
  const cpuSeconds = Object.fromEntries(Object.entries(spent).map(([part, used]) => [part, each(used)]))
  const { client = 0, helm = 0, 'kube-apiserver': server = 0 } = spent
  const found: Phase = {
    perMinute: Math.round((namespaces.length / seconds) * 60),
    cpuSeconds,
    cpuSecondsInAll: each(client + helm + server),
    requests: each(place.tally.requests - before.requests),
  }
  place.log(`${name}: ${JSON.stringify(found)}`)
  return found
}

/** CPU so far of this process, of Helm's (the engine that runs, and what has ended), and of the control plane. */
function spentNow({ engine }: Place): Spent {
  const own = readFileSync('/proc/self/stat', 'utf8')
  const [user = 0, system = 0] = own
    .slice(own.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  return {
    client: cpuSecondsOf(process.pid),
    helm: (user + system) / 100 + (engine.pid === undefined ? 0 : cpuSecondsOf(engine.pid)),
    ...spentBy(recordedProcesses(clusterDirectory(NAME))),
  }
}

async function makeNamespaces({ kube }: Place, prefix: string, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`)
  await inParallel(WORKERS, names, async (name) => {
    await kube.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  })
  return names
}

function counted(client: ReleaseClient, tally: { requests: number }): ReleaseClient {
  return new Proxy(client, {
    get(target, verb, receiver) {
      tally.requests += 1
      return Reflect.get(target, verb, receiver)
    },
  })
}

const rounded = (value: number): number => Number(value.toFixed(4))
