/** The process that makes and removes volumes: `provisioner.ts KUBECONFIG DIRECTORY NODE`. It ends with the cell. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiOf, call, read, watch } from './api.ts'
import {
  type Claim,
  claimsToGrow,
  claimsToServe,
  type StorageClass,
  type Volume,
  volumeFor,
  volumeNameOf,
  volumesToDelete,
} from './volumes.ts'

const claimsPath = '/api/v1/persistentvolumeclaims'
const volumesPath = '/api/v1/persistentvolumes'

const [kubeconfig = '', directory = '', node = ''] = process.argv.slice(2)
const api = apiOf(kubeconfig)

/** Runs when something changed, and never twice at once; a change during a run causes one more. */
let wanted = true
let running = false

async function reconcile(): Promise<void> {
  wanted = true
  if (running) return
  running = true
  while (wanted) {
    wanted = false
    const ok = await pass().catch((error: unknown) => {
      console.error(error)
      return false
    })
    if (!ok) {
      await sleep(1000)
      wanted = true
    }
  }
  running = false
}

/** False when something has to be tried again. */
async function pass(): Promise<boolean> {
  const claims = await read<{ items: Claim[] }>(api, claimsPath)
  const volumes = await read<{ items: Volume[] }>(api, volumesPath)
  if (claims === undefined || volumes === undefined) return false
  const served = await Promise.all(claimsToServe(claims.items, volumes.items).map(serve))
  const removed = await Promise.all(volumesToDelete(volumes.items).map(remove))
  const grown = await Promise.all(claimsToGrow(claims.items, volumes.items).map(grow))
  return [...served, ...removed, ...grown].every(Boolean)
}

async function serve(claim: Claim): Promise<boolean> {
  const className = claim.spec.storageClassName ?? ''
  const storageClass = await read<StorageClass>(api, `/apis/storage.k8s.io/v1/storageclasses/${className}`)
  if (storageClass === undefined) return false
  const path = join(directory, volumeNameOf(claim))
  mkdirSync(path, { recursive: true })
  const { status, body } = await call(api, 'POST', volumesPath, volumeFor(claim, storageClass, path, node))
  console.log(
    `volume for ${claim.metadata.namespace}/${claim.metadata.name}: ${status === 201 ? path : body}`,
  )
  return status === 201 || status === 409
}

/** A directory has no size of its own: what a resizer would do after the disk grew is all there is to do. */
async function grow({ metadata, spec }: Claim): Promise<boolean> {
  const capacity = spec.resources.requests
  const merge = (path: string, body: object) =>
    call(api, 'PATCH', path, body, 'application/merge-patch+json').then(({ status }) => status === 200)
  const claim = `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims/${metadata.name}`
  console.log(`volume of ${metadata.namespace}/${metadata.name} grows to ${capacity.storage}`)
  return (
    (await merge(`${volumesPath}/${spec.volumeName}`, { spec: { capacity } })) &&
    (await merge(`${claim}/status`, { status: { capacity } }))
  )
}

async function remove({ metadata: { name } }: Volume): Promise<boolean> {
  rmSync(join(directory, name), { recursive: true, force: true })
  const { status } = await call(api, 'DELETE', `${volumesPath}/${name}`)
  console.log(`removed volume ${name}: ${status}`)
  return status === 200 || status === 202 || status === 404
}

/** Looks at every change, and again whenever the watch begins anew. */
async function follow(path: string): Promise<never> {
  for (;;) {
    void reconcile()
    await watch(api, path, () => void reconcile())
    await sleep(500)
  }
}

await Promise.all([follow(claimsPath), follow(volumesPath)])
