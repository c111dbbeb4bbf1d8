/** The real Helm CLI reads and obeys the releases we deploy, and we notice what it did. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { releaseDigest } from '../../operator/helm/digest.ts'
import { describeForeign, type ForeignState } from '../../operator/helm/foreign.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { chartFolder, closePlaces, openPlace, type Place, release, values, withConfig } from './helm-place.ts'

const objects = [
  'Deployment/odoo-cron',
  'Deployment/odoo-web',
  'Ingress/odoo',
  'NetworkPolicy/odoo',
  'NetworkPolicy/odoo-web',
  'PersistentVolumeClaim/filestore',
  'Service/odoo',
]

let place: Place
beforeAll(async () => {
  place = await openPlace('cli')
})
afterAll(async () => {
  await place?.remove()
  await closePlaces()
})

const json = async (...args: string[]) => JSON.parse(await place.helm(...args, '-o', 'json'))
/** What the pods' configuration digest is now: tells which revision's objects are live. */
const liveConfig = async () =>
  (await place.get(kinds.Deployment, 'odoo-web'))?.spec.template.metadata.annotations['tenantops.io/config']
const digests: Record<string, string> = {}

describe('the Helm CLI on a release of ours', () => {
  it('finds the release, its state, values and manifest', async () => {
    const outcome = await place.deploy(withConfig('one'))
    digests.one = outcome.digest
    expect(outcome).toMatchObject({ revision: 1, objects: 7, applied: 7, removed: 0, rendered: true })
    expect(await place.objects()).toEqual(objects)
    expect(await json('list')).toMatchObject([
      { name: release, revision: '1', status: 'deployed', chart: 'odoo-tenant-0.1.0' },
    ])
    expect(await json('status', release)).toMatchObject({
      name: release,
      version: 1,
      info: { status: 'deployed', description: 'Install complete' },
    })
    expect(await json('get', 'values', release)).toEqual(JSON.parse(JSON.stringify(withConfig('one'))))
    expect(await place.helm('get', 'manifest', release)).toContain('name: odoo-web')
  })

  it('shows the history of an upgrade', async () => {
    digests.two = (await place.deploy(withConfig('two'))).digest
    expect(await json('history', release)).toMatchObject([
      { revision: 1, status: 'superseded', description: 'Install complete', chart: 'odoo-tenant-0.1.0' },
      { revision: 2, status: 'deployed', description: 'Upgrade complete' },
    ])
    expect(await liveConfig()).toBe('two')
  })

  it('rolls back; we see it, say it, and leave it so until the spec changes', async () => {
    await place.helm('rollback', release, '1')
    expect(await liveConfig()).toBe('one')

    const state = (await place.state()) as ForeignState
    expect(state).toMatchObject({
      kind: 'foreign',
      revision: 3,
      status: 'deployed',
      ourLast: { revision: 2, digest: digests.two },
      content: { description: 'Rollback to 1', digest: digests.one, sameObjects: false },
    })
    expect(await place.verdict(digests.two ?? '')).toBe('hold')
    expect(await place.verdict(digests.one ?? '')).toBe('deploy changed')
    expect(describeForeign(state, { release, namespace: place.namespace })).toContain(
      `was rolled back to revision 1 with the Helm CLI, as revision 3; that stands until the tenant changes; to return, run \`helm rollback acme 2 -n ${place.namespace}\``,
    )
  })

  it('rolls forward again as that sentence says; that is what the spec wants', async () => {
    await place.helm('rollback', release, '2')
    expect(await liveConfig()).toBe('two')
    expect(await place.verdict(digests.two ?? '')).toBe('settled')
  })

  it('is built upon when the spec changes after it', async () => {
    await place.helm('rollback', release, '1')
    expect(await place.verdict('another')).toBe('deploy changed')
    place.requests()
    const { revision } = await place.deploy(withConfig('three'))
    expect(revision).toBe(6)
    expect(place.requests().filter((request) => request.startsWith('apply'))).toEqual([
      expect.stringMatching('apply Deployment/odoo-'),
      expect.stringMatching('apply Deployment/odoo-'),
    ])
    expect(await liveConfig()).toBe('three')
    const history = (await json('history', release)) as { revision: number; status: string }[]
    expect(history.map((entry) => entry.status)).toEqual([
      'superseded',
      'superseded',
      'superseded',
      'superseded',
      'deployed',
    ])
    expect((await place.state()).kind).toBe('ours')
  })

  it('upgrades with other values; we leave it so, and take it back when the spec changes', async () => {
    const before = await place.state()
    await place.helm('upgrade', release, chartFolder, '--reuse-values', '--set', 'suspended=true')
    expect((await place.get(kinds.Deployment, 'odoo-web'))?.spec.replicas).toBe(0)
    expect(await place.verdict(before.kind === 'ours' ? before.digest : '')).toBe('hold')
    await place.deploy(withConfig('four'))
    expect((await place.get(kinds.Deployment, 'odoo-web'))?.spec.replicas).toBe(1)
  })

  it('upgrades to just what we want: settled', async () => {
    const wanted = releaseDigest(place.chart.digest, withConfig('four'))
    await place.helm('upgrade', release, chartFolder, '--reset-then-reuse-values')
    expect(await place.state()).toMatchObject({
      kind: 'foreign',
      content: { digest: wanted, sameObjects: true },
    })
    expect(await place.verdict(wanted)).toBe('settled')
    // The CLI now stores the chart's defaults as the user's values: another digest, and still the same objects.
    await place.helm('upgrade', release, chartFolder, '--reuse-values')
    expect(await place.state()).toMatchObject({ kind: 'foreign', content: { sameObjects: true } })
    expect(await place.verdict(wanted)).toBe('settled')
  })

  it('uninstalls with history; we deploy anew', async () => {
    await place.helm('uninstall', release, '--keep-history')
    expect(await place.state()).toMatchObject({ kind: 'uninstalled' })
    expect(await place.objects()).toEqual(['PersistentVolumeClaim/filestore'])
    const { applied } = await place.deploy(withConfig('five'))
    expect(applied).toBe(7)
    expect(await place.objects()).toEqual(objects)
    expect(await json('status', release)).toMatchObject({ info: { status: 'deployed' } })
  })

  it('uninstalls whole and keeps the filestore; we install again over it', async () => {
    await place.helm('uninstall', release)
    expect(await place.state()).toEqual({ kind: 'absent' })
    expect(await place.objects()).toEqual(['PersistentVolumeClaim/filestore'])
    expect(await place.verdict('any')).toBe('deploy absent')
    expect(await place.deploy(withConfig('six'))).toMatchObject({ revision: 1, applied: 7 })
  })

  it('has nothing left to find when we uninstall, but the filestore', async () => {
    expect(await place.uninstall()).toEqual({ removed: 6, kept: ['PersistentVolumeClaim/filestore'] })
    expect(await json('list')).toEqual([])
    expect(await place.objects()).toEqual(['PersistentVolumeClaim/filestore'])
  })
})

describe('the record', () => {
  it('is small', async () => {
    await place.deploy(values({ hosts: Array.from({ length: 20 }, (_, i) => `host-${i}.acme.example.com`) }))
    const { items } = await place.kube.list(kinds.Secret, {
      namespace: place.namespace,
      labelSelector: 'owner=helm',
    })
    const size = JSON.stringify(items[0]).length
    console.log(`release Secret: ${size} bytes`)
    expect(size).toBeLessThan(50_000)
  })
})
