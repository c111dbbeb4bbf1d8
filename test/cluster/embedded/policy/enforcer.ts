/**
 * The process that puts NetworkPolicies into force in a full cluster: `enforcer.ts KUBECONFIG READY`. It runs in the
 * cell and ends with it, and makes the file READY when pods can come. Guarantees, as the API promises: policies that are there when a pod is made are in force before its
 * containers start; later changes follow within moments; connections that stand are left alone.
 */
import { writeFileSync } from 'node:fs'
import { command } from '../../command.ts'
import { apiOf, read } from '../api.ts'
import { type Attachment, serveAttachments } from './attachments.ts'
import { follow } from './collection.ts'
import { fencesOf, protocolOf } from './fences.ts'
import { nftables } from './nftables.ts'
import type { Namespace, NetworkPolicy, Pod } from './objects.ts'

const policiesOf = (namespace: string) =>
  `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`

const [kubeconfig = '', ready = ''] = process.argv.slice(2)
const api = apiOf(kubeconfig)
/** Which pod has which address, by sandbox: known before the API server knows it. */
const attached = new Map<string, Attachment>()

const tell = { changed: () => void enforce(), seen: () => wake() }
const policies = follow(
  api,
  '/apis/networking.k8s.io/v1/networkpolicies',
  ({ metadata: { name, namespace = '' }, spec }: NetworkPolicy) => ({ metadata: { name, namespace }, spec }),
  tell,
)
const namespaces = follow(
  api,
  '/api/v1/namespaces',
  ({ metadata: { name, labels = {} } }: Namespace) => ({ name, labels }),
  tell,
)
const pods = follow(
  api,
  '/api/v1/pods',
  ({ metadata: { namespace = '', labels = {} }, spec }: Pod) => ({
    namespace,
    labels,
    ports: (spec?.containers ?? [])
      .flatMap(({ ports = [] }) => ports)
      .flatMap(({ name, containerPort, protocol = 'TCP' }) =>
        name === undefined ? [] : [{ name, port: containerPort, protocol: protocolOf(protocol) }],
      ),
  }),
  tell,
)

/** One run at a time; a change during a run causes one more, which all who asked meanwhile wait for. */
let next: Promise<void> | undefined
let current: Promise<void> = Promise.resolve()
function enforce(): Promise<void> {
  next ??= current
    .catch(() => {})
    .then(() => {
      next = undefined
      current = program()
      return current
    })
  next.catch((error: unknown) => {
    console.error(error)
    setTimeout(() => void enforce(), 1000)
  })
  return next
}

let programmed = ''
async function program(): Promise<void> {
  if (![policies, namespaces, pods].every(({ synced }) => synced())) return
  const rules = nftables(
    fencesOf({
      namespaces: [...namespaces.kept.values()],
      policies: [...policies.kept.values()],
      pods: [...attached.values()].flatMap(({ uid, address }) => {
        const pod = pods.kept.get(uid)
        return pod === undefined ? [] : [{ ...pod, address }]
      }),
    }),
  )
  if (rules === programmed) return
  await command('nft', ['-f', '-'], { input: rules })
  programmed = rules
}

/** Those who wait for the collections to catch up. */
const waiting = new Set<() => void>()
function wake(): void {
  for (const look of [...waiting]) look()
}
function until(what: string, look: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      if (!look()) return
      settle()
      resolve()
    }
    const late = setTimeout(() => {
      settle()
      reject(new Error(`waited 20 s for ${what}, in vain`))
    }, 20_000)
    const settle = () => {
      clearTimeout(late)
      waiting.delete(attempt)
    }
    waiting.add(attempt)
    attempt()
  })
}

/** Sees to it that nothing older than the pod is unknown here: a watch may be behind. */
async function catchUp({ namespace, uid }: Attachment): Promise<void> {
  const there = await read<{ items: NetworkPolicy[] }>(api, policiesOf(namespace))
  if (there === undefined) throw new Error(`the network policies of ${namespace} could not be read`)
  await until(`pod ${uid} of ${namespace} and its network policies`, () => {
    const known = ({ metadata }: NetworkPolicy) =>
      (policies.versions.get(metadata.uid ?? '') ?? 0) >= Number(metadata.resourceVersion)
    return pods.kept.has(uid) && there.items.every(known)
  })
}

await until('the first lists', () => [policies, namespaces, pods].every(({ synced }) => synced()))
await enforce()
await serveAttachments({
  added: async (attachment) => {
    const began = performance.now()
    await catchUp(attachment)
    attached.set(attachment.sandbox, attachment)
    await enforce()
    const { address, namespace, uid } = attachment
    const held = Math.round(performance.now() - began)
    console.log(`${address} is pod ${uid} of ${namespace}, held for ${held} ms`)
  },
  removed: (sandbox) => {
    if (attached.delete(sandbox)) void enforce()
  },
})
writeFileSync(ready, '')
