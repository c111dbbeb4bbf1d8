/**
 * The operator under measurement: bundled as its image has it, started in a cgroup of its own, asked for its numbers
 * from outside. Every start after the first is a restart on the same fleet.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { bundling } from '../../bundle.ts'
import { freePort } from '../../demo/free-port.ts'
import { projectDirectory } from '../../test/cluster/paths.ts'
import { identify, isAlive, killGroup, logTail, startProcess } from '../../test/cluster/processes.ts'
import { ensureHelmEngine, ensureTools } from '../../test/cluster/tools.ts'
import { waitFor } from '../../test/cluster/wait.ts'
import type { GaugeReading } from './gauge.ts'
import { makeProcessGroup, type ProcessGroup } from './group.ts'

export interface OperatorSettings {
  /** Directory for its bundle, sockets and logs. */
  readonly run: string
  readonly kubeconfig: string
  /** Left out: real PostgreSQL. */
  readonly postgresSocket?: string | undefined
  readonly env?: NodeJS.ProcessEnv
}

export interface OperatorProcess {
  readonly pid: number
  readonly group: ProcessGroup
  /** Milliseconds of `performance.now()` at its start. */
  readonly startedAt: number
  gauge(): Promise<GaugeReading>
  startProfile(): Promise<unknown>
  /** The CPU profile since then, as a `.cpuprofile` has it. */
  stopProfile(): Promise<string>
  /** One number of /metrics, summed over the label sets that hold `labels`; undefined while it does not serve. */
  metric(name: string, labels?: string): Promise<number | undefined>
  /** User and system seconds of the process itself, children left out. */
  ownCpuSeconds(): number
  /** Highest resident memory of the process itself so far, as the kernel says. */
  highWaterBytes(): number
  /** Open file descriptors. */
  descriptors(): number
  /** SIGTERM and waiting, or SIGKILL after 30 s. */
  stop(): Promise<void>
}

/** A bundle like the image's, from this entry instead of `operator/main.ts`. */
export async function bundleOperator(run: string): Promise<string> {
  const outfile = join(run, 'operator.mjs')
  await build({
    ...bundling,
    entryPoints: [join(import.meta.dirname, 'operator.ts')],
    outfile,
    logLevel: 'warning',
  })
  return outfile
}

/** Node's flags as the image starts the operator. */
function flagsOfImage(): readonly string[] {
  const text = readFileSync(join(projectDirectory, 'Dockerfile'), 'utf8')
  const flags = /exec node ((?:--\S+ )*)\/app\/operator\.mjs/.exec(text)?.[1]
  if (flags === undefined) throw new Error('Dockerfile: where it starts the operator is no longer recognised')
  return flags.split(' ').filter((flag) => flag !== '')
}

/** Resolves once the process runs, before it is ready. */
export async function startOperatorProcess(
  bundle: string,
  settings: OperatorSettings,
): Promise<OperatorProcess> {
  const { run, kubeconfig, postgresSocket, env } = settings
  const port = await freePort()
  const socket = join(run, 'gauge.sock')
  const { helm } = await ensureTools()
  const group = makeProcessGroup(`tenantops-bench-${basename(run)}`)
  const startedAt = performance.now()
  const identity = startProcess(
    run,
    'operator',
    [...group.enter([process.execPath, ...flagsOfImage(), bundle])],
    {
      NODE_ENV: 'production',
      KUBECONFIG: kubeconfig,
      TENANTOPS_HTTP_PORT: String(port),
      TENANTOPS_IDENTITY: 'bench',
      TENANTOPS_HELM: helm,
      TENANTOPS_HELM_ENGINE: await ensureHelmEngine(),
      TENANTOPS_CHARTS: join(projectDirectory, 'charts'),
      FLEET_GAUGE_SOCKET: socket,
      ...(postgresSocket === undefined ? {} : { FLEET_POSTGRES_SOCKET: postgresSocket }),
      ...env,
    },
  )
  const { pid } = identity
  return {
    pid,
    group,
    startedAt,
    gauge: async () => JSON.parse(await read({ socketPath: socket, path: '/' })) as GaugeReading,
    startProfile: () => read({ socketPath: socket, path: '/profile/start' }),
    stopProfile: () => read({ socketPath: socket, path: '/profile/stop' }),
    metric: async (name, labels = '') => {
      if (!isAlive(identity)) throw new Error(`the operator ended; ${logTail(run, 'operator')}`)
      const text = await read({ host: '127.0.0.1', port, path: '/metrics' }).catch(() => undefined)
      return text === undefined ? undefined : sumOf(text, name, labels)
    },
    ownCpuSeconds: () => cpuSecondsOf(pid),
    highWaterBytes: () =>
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    stop: async () => {
      if (identify(pid)?.startTime === identity.startTime) process.kill(pid, 'SIGTERM')
      await waitFor({ what: 'the operator to drain', seconds: 30 }, () => !isAlive(identity)).catch(() =>
        killGroup(identity),
      )
      await waitFor({ what: 'the operator to end', seconds: 10 }, () => !isAlive(identity))
    },
  }
}

/** Of one process without its children: utime and stime of /proc/PID/stat, in ticks of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function sumOf(text: string, name: string, labels: string): number {
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(name) || !/^[{ ]/.test(line.slice(name.length)) || !line.includes(labels)) continue
    sum += Number(line.slice(line.lastIndexOf(' ')))
  }
  return sum
}

function read(where: { socketPath: string; path: string } | { host: string; port: number; path: string }) {
  return new Promise<string>((resolve, reject) => {
    const asked = get({ ...where, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))))
      response.on('error', reject)
    })
    asked.on('error', reject)
  })
}
