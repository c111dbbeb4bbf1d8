/** Whatever ends a full cluster, nothing of it stays on the machine, and its neighbours go on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { command } from '../cluster/command.ts'
import { clusterDirectory, projectDirectory } from '../cluster/paths.ts'
import { identify } from '../cluster/processes.ts'
import { ensureTools } from '../cluster/tools.ts'
import { waitFor } from '../cluster/wait.ts'

/** Mounts that only a cluster makes: other programs of this machine, such as image builds, make some of their own. */
const clusterMount = /\.cluster\/run|kubelet|containerd|netns\/|cni|tenantops|sysctl/

/** What a cluster could leave on this machine. */
async function machine() {
  const lines = (text: string) => text.split('\n').filter(Boolean)
  const rules = lines(await command('iptables-save', [])).filter((line) => /^-|^:[A-Z]+-/.test(line))
  const cgroups = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [
      name,
      ...readdirSync(join('/sys/fs/cgroup', name)).map((below) => join(name, below)),
    ])
  return {
    mounts: lines(readFileSync('/proc/self/mounts', 'utf8')).filter((line) => clusterMount.test(line)),
    interfaces: readdirSync('/sys/class/net').sort(),
    routes: lines(await command('ip', ['route'])),
    rules: rules.map((line) => line.replace(/ \[\d+:\d+\]$/, '')),
    namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
    // Those of the clusters here: neighbours start and stop programs of theirs meanwhile.
    cgroups: cgroups.filter((path) => path.includes('tenantops-stop')).sort(),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    panic: readFileSync('/proc/sys/kernel/panic', 'utf8'),
  }
}

/** Processes in the given PID namespace, or whose command line names the cluster's directory. */
function processesOf(name: string, namespace?: string): string[] {
  const mark = clusterDirectory(name)
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && entry !== `${process.pid}`)
    .flatMap((pid) => {
      if (identify(Number(pid)) === undefined) return []
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return readlinkSync(`/proc/${pid}/ns/pid`) === namespace || line.includes(`${mark}/`)
          ? [`${pid} ${line}`]
          : []
      } catch {
        return []
      }
    })
}

/** The PID namespace of a running full cluster. */
function namespaceOf(name: string): string {
  const { pid } = JSON.parse(readFileSync(join(clusterDirectory(name), 'pids/cell.json'), 'utf8')) as {
    pid: number
  }
  return readlinkSync(`/proc/${pid}/ns/pid_for_children`)
}

async function kubectl(kubeconfig: string, args: readonly string[], input?: string): Promise<string> {
  const { kubectl: program } = await ensureTools()
  return command(program, ['--kubeconfig', kubeconfig, ...args], input === undefined ? {} : { input })
}

/** A pod with a volume, so that there are mounts, an interface, rules and cgroups to remove. */
async function runPod(kubeconfig: string): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'still', labels: { app: 'still' } },
    spec: {
      containers: [
        {
          name: 'still',
          image: 'registry.k8s.io/pause:3.10',
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  }
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  }
  await waitFor({ what: 'the pod to be accepted', seconds: 20 }, () =>
    kubectl(
      kubeconfig,
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [claim, pod] }),
    ).then(
      () => true,
      () => false,
    ),
  )
  await kubectl(kubeconfig, ['expose', 'pod', 'still', '--port', '80'])
  await kubectl(kubeconfig, ['wait', '--for=condition=Ready', 'pod/still', '--timeout=60s'])
}

/** A process that starts a cluster as a test run does, and then stays. */
function starter(name: string): {
  child: ChildProcess
  said: () => string
  until(text: string): Promise<unknown>
} {
  const module = JSON.stringify(join(projectDirectory, 'test/cluster/cluster.ts'))
  const options = JSON.stringify({ profile: 'full', name })
  const program = `import { startCluster } from ${module}
    await startCluster({ ...${options}, log: console.log })
    setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const until = (wanted: string) =>
    waitFor({ what: `"${wanted}" from the starter`, seconds: 120, hint: () => text }, () =>
      text.includes(wanted),
    )
  return { child, said: () => text, until }
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)))

const down = (name: string) =>
  command(process.execPath, [join(projectDirectory, 'test/cluster/main.ts'), 'down', '--name', name], {
    env: { TENANTOPS_CLUSTER: 'embedded' },
  })

const clusters: Cluster[] = []

describe.skipIf(process.getuid?.() !== 0)('a full cluster that ends', () => {
  afterAll(async () => {
    for (const cluster of clusters) await cluster.stop()
    for (const name of ['stop-killed', 'stop-early', 'stop-signal']) await down(name)
  })

  it('by stop() leaves nothing, and its neighbour goes on', async () => {
    const neighbour = await startCluster({
      profile: 'full',
      name: 'stop-neighbour',
      provider: 'embedded',
      log: () => {},
    })
    clusters.push(neighbour)
    await runPod(neighbour.kubeconfig)
    const before = await machine()

    const cluster = await startCluster({
      profile: 'full',
      name: 'stop-self',
      provider: 'embedded',
      log: () => {},
    })
    clusters.push(cluster)
    await runPod(cluster.kubeconfig)
    const namespace = namespaceOf('stop-self')
    expect(processesOf('stop-self', namespace).length).toBeGreaterThan(10)
    expect(await machine()).not.toEqual(before)
    await cluster.stop()

    expect(await machine()).toEqual(before)
    expect(processesOf('stop-self', namespace)).toEqual([])
    expect(existsSync(clusterDirectory('stop-self'))).toBe(false)

    await kubectl(neighbour.kubeconfig, ['delete', 'pod/still', 'service/still', 'pvc/data', '--now'])
    await runPod(neighbour.kubeconfig)
    await neighbour.stop()
  })

  it('by Ctrl-C leaves nothing', async () => {
    const before = await machine()
    const { child, until } = starter('stop-signal')
    await until('cluster stop-signal ready')
    const namespace = namespaceOf('stop-signal')
    child.kill('SIGINT')
    expect(await ended(child)).toBe(130)
    expect(await machine()).toEqual(before)
    expect(processesOf('stop-signal', namespace)).toEqual([])
    expect(existsSync(clusterDirectory('stop-signal'))).toBe(false)
  })

  it('by `npm stop` after kill -9 of its starter leaves nothing', async () => {
    const before = await machine()
    const { child, until } = starter('stop-killed')
    await until('cluster stop-killed ready')
    const namespace = namespaceOf('stop-killed')
    await runPod(join(clusterDirectory('stop-killed'), 'kubeconfig'))
    child.kill('SIGKILL')
    await ended(child)
    expect(processesOf('stop-killed', namespace).length).toBeGreaterThan(10)
    expect(await down('stop-killed')).toContain('nothing is left')
    expect(await machine()).toEqual(before)
    expect(processesOf('stop-killed', namespace)).toEqual([])
  })

  it.each(['network', 'apiserver ready'])(
    'whose starter was killed at "%s" is removed by the next start',
    async (line) => {
      const before = await machine()
      const { child, until } = starter('stop-early')
      await until(line)
      const namespace = namespaceOf('stop-early')
      child.kill('SIGKILL')
      await ended(child)
      const next = await startCluster({
        profile: 'control-plane',
        name: 'stop-next',
        provider: 'embedded',
        log: () => {},
      })
      await next.stop()
      expect(await machine()).toEqual(before)
      expect(processesOf('stop-early', namespace)).toEqual([])
      expect(existsSync(clusterDirectory('stop-early'))).toBe(false)
    },
  )
})
