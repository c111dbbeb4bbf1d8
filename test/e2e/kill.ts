/**
 * Ends the operator as a crash does: SIGKILL, without a word and in the middle of whatever it does. A deleted pod
 * would be asked to stop first, so the signal comes from a pod that sees the node's processes.
 */
import { operatorNamespace } from '../../demo/database.ts'
import type { Kubectl } from '../../demo/kubectl.ts'
import { waitForOperator } from '../../demo/operator.ts'
import { eventually } from './story.ts'

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string }
  readonly status: {
    readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[]
  }
}

export interface Killer {
  /** The pod stays; the kubelet starts its container again. */
  kill(): Promise<void>
  /** The pod goes, too, as with a node that is lost: another one takes over when the Lease has run out. */
  killAndReplace(): Promise<void>
  /** Ends a container of any pod as soon as a program of this name runs in it. */
  killOnce(container: string, program: string): Promise<void>
  close(): Promise<void>
}

/** Call it before the moment comes: the killing pod must stand by. */
export async function openKiller(kubectl: Kubectl): Promise<Killer> {
  await kubectl.apply(killer)
  await kubectl.run('wait', 'pod/killer', '-n', place, '--for=condition=Ready', '--timeout=60s')

  // What a pod says of its container may be a moment old: one that has just ended by itself is looked for again.
  const sigkill = (): Promise<Pod> =>
    eventually('a container of the operator to kill', 60, async () => {
      const pod = await operatorPod(kubectl)
      const id = containerOf(pod)
      if (id === undefined) return undefined
      const killed = await kubectl.try('exec', 'killer', '-n', place, '--', 'sh', '-c', killing, 'kill', id)
      return killed.code === 0 && pod
    })
  return {
    kill: async () => {
      const before = containerOf(await sigkill())
      await eventually('the operator to run again', 90, async () => {
        const container = (await operatorPod(kubectl)).status.containerStatuses?.[0]
        return container?.ready === true && container.containerID !== before
      })
    },
    killAndReplace: async () => {
      const { metadata } = await sigkill()
      const force = ['--grace-period=0', '--force']
      await kubectl.run('delete', 'pod', metadata.name, '-n', operatorNamespace, ...force)
      await eventually('another pod of the operator', 60, async () => {
        const pod = await operatorPod(kubectl).catch(() => undefined)
        return pod !== undefined && pod.metadata.uid !== metadata.uid
      })
      await waitForOperator(kubectl)
    },
    killOnce: async (container, program) => {
      const script = [whenRunning, killing].join('\n')
      await kubectl.run('exec', 'killer', '-n', place, '--', 'sh', '-c', script, 'kill', container, program)
    },
    close: async () => {
      await kubectl.run('delete', 'namespace', place, '--ignore-not-found', '--timeout=60s')
    },
  }
}

async function operatorPod(kubectl: Kubectl): Promise<Pod> {
  const selector = ['-n', operatorNamespace, '-l', 'app.kubernetes.io/name=tenantops']
  const pods = await kubectl.get<{ items: readonly Pod[] }>('pods', ...selector)
  const pod = pods?.items.find(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (pod === undefined) throw new Error(`there is no pod of the operator in ${operatorNamespace}`)
  return pod
}

/** Without the runtime's name in front. */
function containerOf(pod: Pod): string | undefined {
  return pod.status.containerStatuses?.[0]?.containerID?.replace(/^.*:\/\//, '')
}

/** A minute at most. */
const whenRunning = `
tries=0
until grep -ls "$1" /proc/[0-9]*/cgroup 2>/dev/null | sed 's,cgroup$,comm,' | xargs -r cat 2>/dev/null | grep -qx "$2"; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "no $2 runs in container $1" >&2; exit 1; }
  sleep 0.1
done
`

/** Every process whose control group names the container. */
const killing = `
killed=
for process in /proc/[0-9]*; do
  if grep -q "$1" "$process/cgroup" 2>/dev/null; then kill -9 "\${process#/proc/}" && killed=yes; fi
done
[ -n "$killed" ] || { echo "no process belongs to container $1" >&2; exit 1; }
`

const place = 'killer'

const killer = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: place, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'killer', namespace: place },
    spec: {
      hostPID: true,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'killer',
          image: 'docker.io/library/postgres:17',
          command: ['sleep', 'infinity'],
          securityContext: { privileged: true, runAsUser: 0 },
        },
      ],
    },
  },
]
  .map((object) => JSON.stringify(object))
  .join('\n---\n')
