/** An operator killed when exactly three objects of a release are applied: the release completes, nothing is left over. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Kubectl, openKubectl } from '../../../demo/kubectl.ts'
import { type Killer, openKiller } from '../kill.ts'
import { holdWrites, letWritesGo } from '../pause.ts'
import { begin, end, eventually, type Story } from '../story.ts'

const namespace = 'cut'
const tenant = { namespace, name: 'third' }
const runtime = 'cut-third'

let story: Story
let killer: Killer | undefined
let kubectl: Kubectl

beforeAll(async () => {
  kubectl = await openKubectl(inject('e2eKubeconfig'))
  // A run that was cut off may have left the pause, which would keep its tenants from being deleted.
  await letWritesGo(kubectl)
  story = await begin(namespace)
  killer = await openKiller(story)
})
afterAll(async () => {
  await letWritesGo(kubectl)
  await killer?.close()
  await end(story, namespace)
})

interface Revision {
  readonly revision: number
  readonly status: string
  readonly description: string
}

const history = async () =>
  JSON.parse(await story.helm('history', tenant.name, '-n', runtime, '-o', 'json')) as readonly Revision[]

/** Objects that carry Helm's mark of belonging to a release, of every kind the chart can make. */
async function released(): Promise<readonly string[]> {
  const kinds = 'netpol,pdb,sa,pvc,svc,deploy,ing,secret,cm,job'
  const selector = 'app.kubernetes.io/managed-by=Helm'
  const text = await story.run('get', kinds, '-n', runtime, '-l', selector, '-o', 'name')
  return text.split('\n').filter(Boolean).sort()
}

it('is followed by one that completes the same revision', async () => {
  // The two network policies and the volume's claim are a release's first objects; the fourth hangs, and with it all
  // that follow.
  await holdWrites(story, [
    { apiGroup: '', resource: 'services', operation: 'CREATE', namespace: runtime, name: 'odoo' },
  ])
  await story.example('killed-between-objects')
  const three = [
    'networkpolicy.networking.k8s.io/odoo',
    'networkpolicy.networking.k8s.io/odoo-web',
    'persistentvolumeclaim/filestore',
  ]
  await eventually(
    'three objects of the release',
    60,
    async () => (await released().catch(() => [])).length === 3,
  )
  await killer?.kill()
  expect(await released()).toEqual(three)
  expect(await history()).toMatchObject([{ revision: 1, status: 'pending-install' }])
  await letWritesGo(story)

  await story.ready(tenant)
  expect(await history()).toMatchObject([
    { revision: 1, status: 'deployed', description: 'Install complete' },
  ])
  const manifest = await story.helm('get', 'manifest', tenant.name, '-n', runtime)
  const wanted = [...manifest.matchAll(/^kind: (\w+)\n/gm)].map(([, kind = '']) => kind.toLowerCase())
  const made = (await released()).map((name) => name.replace(/[./].*$/, ''))
  expect(made.toSorted()).toEqual(wanted.toSorted())
})
