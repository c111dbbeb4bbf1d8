/** What goes wrong while a release is deployed, on the real API server: one sentence each, nothing lost, heals by itself. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Chart, loadChart } from '../../operator/helm/chart.ts'
import { releaseState } from '../../operator/helm/history.ts'
import { judgeRelease } from '../../operator/helm/judge.ts'
import { releaseSecretName } from '../../operator/helm/record.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { chartFolder, closePlaces, openPlace, type Place, release, values, withConfig } from './helm-place.ts'

let place: Place
beforeEach(async ({ task }) => {
  place = await openPlace(
    task.name
      .toLowerCase()
      .replace(/[^a-z]+/g, '-')
      .slice(0, 30),
  )
})
afterEach(() => place?.remove())
const former = mkdtempSync(join(tmpdir(), 'former-chart-'))
afterAll(async () => {
  rmSync(former, { recursive: true, force: true })
  await closePlaces()
})

const statuses = async () => (await place.revisions()).map(({ status }) => status)
const deleteRecord = (revision: number) =>
  place.kube.delete(kinds.Secret, { namespace: place.namespace, name: releaseSecretName(release, revision) })
const quota = (hard: Record<string, string>) =>
  place.kube.apply(kinds.ResourceQuota, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'plan', namespace: place.namespace },
    spec: { hard },
  } as never)

describe('deploying', () => {
  it('killed after three objects: the next run ends the work under the same number', async () => {
    place.killAfterApplies(3)
    await expect(place.deploy(values())).rejects.toThrow('killed')
    expect(await statuses()).toEqual(['pending-install'])
    const begun = await place.objects()
    expect(begun.length).toBeGreaterThan(0)
    expect(begun.length).toBeLessThanOrEqual(3)

    place.revive()
    expect(await place.deploy(values())).toMatchObject({ revision: 1, applied: 7, rendered: false })
    expect(await place.objects()).toHaveLength(7)
    expect(await statuses()).toEqual(['deployed'])
    expect(place.renders()).toBe(1)
  })

  it('killed during an upgrade, then other values: nothing of the cut-off revision stays', async () => {
    await place.deploy(values({ hosts: [] }))
    place.killAfterApplies(4)
    await expect(
      place.deploy(
        values({ postgres: { port: 6432 }, config: { secretName: 'odoo-config', digest: 'two' } }),
      ),
    ).rejects.toThrow('killed')
    place.revive()
    await place.deploy(values({ hosts: [], config: { secretName: 'odoo-config', digest: 'three' } }))
    expect(await place.objects()).not.toContain('Ingress/odoo')
    const [, , database] = (await place.get(kinds.NetworkPolicy, 'odoo'))?.spec.egress ?? []
    expect(database.ports).toEqual([{ port: 5432, protocol: 'TCP' }])
    expect(await statuses()).toEqual(['deployed', 'failed', 'superseded'])
  })

  it('sends only what changed, and starts no process for what it has begun', async () => {
    await place.deploy(withConfig('one'))
    expect(place.requests()).toHaveLength(9)
    await place.deploy(withConfig('two'))
    const requests = place.requests()
    expect([...requests].sort()).toEqual([
      'apply Deployment/odoo-cron',
      'apply Deployment/odoo-web',
      'create Secret/sh.helm.release.v1.acme.v2',
      'get Secret/sh.helm.release.v1.acme.v1',
      'update Secret/sh.helm.release.v1.acme.v1',
      'update Secret/sh.helm.release.v1.acme.v2',
    ])
    expect(place.renders()).toBe(2)
  })

  it('removes what a former chart made and this one does not, and its pods leave their account', async () => {
    await place.deploy(values(), [], await formerChart())
    const left = ['NetworkPolicy/odoo-internet', 'PodDisruptionBudget/odoo-web', 'ServiceAccount/odoo']
    expect(await place.objects()).toEqual(expect.arrayContaining(left))
    const account = async () => (await place.get(kinds.Deployment, 'odoo-cron'))?.spec.template.spec
    expect(await account()).toMatchObject({ serviceAccountName: 'odoo', serviceAccount: 'odoo' })

    expect(await place.deploy(values())).toMatchObject({ revision: 2, removed: 3 })
    const objects = await place.objects()
    expect(objects).toHaveLength(7)
    for (const name of left) expect(objects).not.toContain(name)
    expect(await account()).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' })
    expect(await place.helm('history', release)).toContain('Upgrade complete')
  })

  it('makes a disruption budget for several web pods, and takes it away with them', async () => {
    const replicas = (count: number) => values({ web: { replicas: count, workers: 0, resources: {} } })
    await place.deploy(replicas(2))
    expect(await place.objects()).toContain('PodDisruptionBudget/odoo-web')
    place.requests()
    expect(await place.deploy(replicas(1))).toMatchObject({ applied: 1, removed: 1 })
    expect(place.requests()).toContain('delete PodDisruptionBudget/odoo-web')
    expect(await place.objects()).not.toContain('PodDisruptionBudget/odoo-web')
  })

  it('loses its newest record: everything is sent again, as a new revision', async () => {
    await place.deploy(withConfig('one'))
    const { digest } = await place.deploy(withConfig('two'))
    await deleteRecord(2)
    expect(await place.verdict(digest)).toBe('deploy changed')
    expect(await place.deploy(withConfig('two'))).toMatchObject({ revision: 2, applied: 7 })
    expect(await statuses()).toEqual(['deployed', 'superseded'])
  })

  it('loses every record: the objects are taken over where they stand', async () => {
    await place.deploy(withConfig('one'))
    const before = (await place.get(kinds.Deployment, 'odoo-web'))?.metadata.uid
    await deleteRecord(1)
    expect(await place.deploy(withConfig('one'))).toMatchObject({ revision: 1, applied: 7 })
    expect((await place.get(kinds.Deployment, 'odoo-web'))?.metadata.uid).toBe(before)
  })

  it('meets the quota, and goes on when it is raised', async () => {
    await quota({ persistentvolumeclaims: '0' })
    const refused = place.deploy(values())
    await expect(refused).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      remedy: 'later',
      message: expect.stringMatching(
        /^PersistentVolumeClaim filestore in namespace helm-.* does not fit into the namespace's quota \(plan, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=0, limited: persistentvolumeclaims=0\); choose a larger plan or ask for less$/,
      ),
    })
    expect(await statuses()).toEqual(['failed'])
    expect(await place.helm('history', release)).toContain('does not fit into the namespace')
    await quota({ persistentvolumeclaims: '1' })
    expect(await untilDone(() => place.deploy(values()))).toMatchObject({ revision: 1 })
    expect(await statuses()).toEqual(['deployed'])
  })

  it('meets a field that cannot change, says which, and is well when it is taken back', async () => {
    const on = (storageClassName: string) =>
      values({ filestore: { size: '10Gi', storageClassName, accessMode: 'ReadWriteOnce' } })
    await place.deploy(on('slow'))
    await expect(place.deploy(on('fast'))).rejects.toMatchObject({
      reason: 'FieldImmutable',
      remedy: 'input',
      message: expect.stringMatching(
        /^PersistentVolumeClaim filestore in namespace .* cannot be changed this way \(spec\): .*since a volume can only grow$/,
      ),
    })
    expect(await statuses()).toEqual(['failed', 'deployed'])
    await place.deploy(on('slow'))
    expect(await statuses()).toEqual(['deployed', 'failed', 'superseded'])
  })

  it('meets another writer: one of them wins, the other says so, nothing is harmed', async () => {
    const results = await Promise.allSettled([
      place.deploy(withConfig('one')),
      place.deploy(withConfig('two')),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = results.find((result) => result.status === 'rejected')
    expect(lost?.reason).toMatchObject({ reason: 'OtherWriter', remedy: 'soon' })
    expect(await statuses()).toEqual(['deployed'])
  })

  it('knows less than the cluster holds: it writes nothing and looks again', async () => {
    await place.deploy(withConfig('one'))
    const behind = await place.revisions()
    await place.helm('upgrade', release, chartFolder, '--reuse-values', '--set', 'suspended=true')
    place.requests()
    await expect(place.deploy(withConfig('two'), behind)).rejects.toMatchObject({
      reason: 'OtherWriter',
      remedy: 'soon',
      message: `release acme in namespace ${place.namespace} was changed by somebody else: its revision 1 is superseded and no longer deployed; it is looked at again`,
    })
    expect(place.requests()).toEqual(['get Secret/sh.helm.release.v1.acme.v1'])
    expect((await place.get(kinds.Deployment, 'odoo-web'))?.spec.replicas).toBe(0)
  })

  it('has no namespace to go to', async () => {
    await place.remove()
    await expect(place.deploy(values())).rejects.toMatchObject({ reason: 'NamespaceMissing', remedy: 'soon' })
  })

  it('does not disturb a Helm CLI that is at work', async () => {
    await place.deploy(withConfig('one'))
    // What `helm upgrade` writes first: a pending revision without our mark.
    await place.kube.create(kinds.Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'helm.sh/release.v1',
      metadata: {
        name: releaseSecretName(release, 2),
        namespace: place.namespace,
        labels: { owner: 'helm', name: release, status: 'pending-upgrade', version: '2' },
      },
    } as never)
    expect((await place.revisions())[0]?.digest).toBeUndefined()
    expect(judgeRelease(releaseState(await place.revisions()), 'other', Date.now()).kind).toBe('wait')
  })

  it('keeps five revisions, and the CLI sees them', async () => {
    for (const digest of ['a', 'b', 'c', 'd', 'e', 'f']) await place.deploy(withConfig(digest))
    expect((await place.revisions()).map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2])
  })
})

/** The tenant's chart with three more objects, and pods that name an account of their own. */
async function formerChart(): Promise<Chart> {
  const folder = join(former, 'odoo-tenant')
  cpSync(chartFolder, folder, { recursive: true })
  const templates = join(folder, 'templates')
  const pods = readFileSync(join(templates, '_odoo.tpl'), 'utf8')
  const named = pods.replace('serviceAccountName: default', 'serviceAccountName: odoo')
  writeFileSync(join(templates, '_odoo.tpl'), named)
  const selector = '{matchLabels: {app.kubernetes.io/name: odoo}}'
  const object = (apiVersion: string, kind: string, name: string, spec = '') =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  labels:\n    {{- include "odoo.labels" . | nindent 4 }}\n${spec}`
  const objects = [
    object('v1', 'ServiceAccount', 'odoo'),
    object(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'odoo-internet',
      `spec: {podSelector: ${selector}, policyTypes: [Egress]}\n`,
    ),
    object(
      'policy/v1',
      'PodDisruptionBudget',
      'odoo-web',
      `spec: {maxUnavailable: 1, selector: ${selector}}\n`,
    ),
  ]
  writeFileSync(join(templates, 'former.yaml'), objects.join('---\n'))
  return loadChart(folder)
}

/** The quota controller needs a moment to see a raised limit. */
async function untilDone<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt()
    } catch (problem) {
      if (tries >= 50) throw problem
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
