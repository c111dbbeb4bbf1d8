/** The tenant's chart before the real API server: every object valid to the letter, every pod admitted as `restricted`. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { fewestValues, fullValues } from '../../operator/helm/full-values.ts'
import { releaseObjects } from '../../operator/helm/manifest.ts'
import { helmRenderer } from '../../operator/helm/render.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { ensureTools } from '../cluster/tools.ts'
import { waitFor } from '../cluster/wait.ts'
import { chartFolder, closePlaces, openPlace, type Place } from './helm-place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace('chart')
  await place.kube.patch(
    kinds.Namespace,
    { name: place.namespace },
    {
      type: 'merge',
      body: {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce': 'restricted',
            'pod-security.kubernetes.io/warn': 'restricted',
          },
        },
      },
    },
  )
})
afterAll(async () => {
  await place?.remove()
  await closePlaces()
})

type Workload = KubeObject & {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } }
}

it.each([
  ['the fewest values', fewestValues],
  ['every value', { ...fullValues, imagePullSecrets: [] }],
])('with %s', async (_what, values) => {
  const { helm, kubectl } = await ensureTools()
  const target = { release: 'acme', namespace: place.namespace }
  const { documents } = await helmRenderer({ helm, kubeVersion: '1.33.0' }).render({
    ...target,
    chart: chartFolder,
    values,
  })
  const objects = releaseObjects(documents, target).map(({ object }) => object)
  const pods = objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => ({ ...object, ...(object as Workload).spec.template }))
    .map(({ metadata, spec }, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: `pod-${index}` },
      spec,
    }))
  // A controller makes the account of the pods in every new namespace; without it no pod is admitted.
  await waitFor({ what: 'the account of the namespace', seconds: 30 }, async () => {
    const account = await place.kube.get(kinds.ServiceAccount, {
      namespace: place.namespace,
      name: 'default',
    })
    return account !== undefined
  })

  const all = [...objects, ...pods]
  const said = await create(kubectl, all)
  expect(said).not.toMatch(/warning|error/i)
  expect(said.trim().split('\n')).toHaveLength(all.length)
  expect(pods).toHaveLength(2)
})

/** What kubectl prints, warnings included, when the server is asked to create these in earnest but not to keep them. */
function create(kubectl: string, items: readonly object[]): Promise<string> {
  const args = ['create', '-f', '-', '--dry-run=server', '--validate=strict', '-n', place.namespace]
  const child = spawn(kubectl, [...args, '--kubeconfig', inject('kubeconfig')])
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return new Promise((resolve) => child.on('close', () => resolve(said)))
}
