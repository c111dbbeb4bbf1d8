/**
 * What people and programs do to the objects of a tenant's release, and what the operator does about it: the real
 * operator process, the real API server and controllers, the real kubectl and helm. Writes are counted by the journal of
 * test/integration/crash.
 */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFailed, vi } from 'vitest'
import { type Kubectl, openKubectl } from '../../demo/kubectl.ts'
import { findCondition } from '../../operator/api/condition.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { baselineOf, ownedAnnotation } from '../../operator/helm/baseline.ts'
import { type Kind, kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { serves, until } from './crash/awaiting.ts'
import { sliceIn } from './crash/kubelet.ts'
import { playLoad } from './crash/load.ts'
import { place } from './crash/place.ts'
import { type CrashWorld, openWorld, type RunningOperator } from './crash/world.ts'

const name = 't0'
const namespace = `${place.namespace}-${name}`
const tenantRef = { namespace: place.namespace, name }

let world: CrashWorld
let operator: RunningOperator
let kubectl: Kubectl

beforeAll(async () => {
  world = await openWorld()
  kubectl = await openKubectl(inject('kubeconfig'))
  operator = world.start()
  await playLoad(world.client, [{ name, fate: 'stays', pauses: [0, 0, 0] }], world.meet)
  await until('the tenant to serve', async () => serves(await tenant()))
})
afterAll(async () => {
  await world?.close()
})

const tenant = async () =>
  (await world.client.get<OdooTenant>(kinds.OdooTenant, tenantRef)) ?? expect.fail('the tenant is gone')
const condition = async (type: Parameters<typeof findCondition>[1]) =>
  findCondition((await tenant()).status?.conditions, type)
const edit = (spec: object) =>
  world.client.patch(kinds.OdooTenant, tenantRef, { type: 'merge', body: { spec } })
const here = (...args: readonly string[]) => kubectl.run('-n', namespace, ...args)
const patch = (what: string, body: object, ...more: readonly string[]) =>
  here('patch', ...what.split('/'), '--type=merge', '-p', JSON.stringify(body), ...more)

// biome-ignore lint/suspicious/noExplicitAny: live objects have no type here
type Loose = any
const live = async (kind: Kind, object: string): Promise<Loose> =>
  world.client.get(kind, { namespace, name: object })
/** Waits until the object is there and the test of it passes; milliseconds from the call. */
async function comes(kind: Kind, object: string, test: (found: Loose) => void): Promise<number> {
  const began = performance.now()
  await vi.waitFor(
    async () => {
      const found = await live(kind, object)
      expect(found).toBeDefined()
      test(found)
    },
    { timeout: 30_000, interval: 50 },
  )
  return performance.now() - began
}
/** Writes of the operator so far, Events left out, in order: `PATCH /api/…`. */
const writes = () =>
  operator
    .journal()
    .filter((line) => line.startsWith('begin'))
    .map((line) => line.split(' ').slice(2).join(' '))
/** Reconciles of the tenant so far. */
const looks = () =>
  operator.log().filter((line) => line.includes(`"tenant":"${place.namespace}/${name}"`)).length
/** Wakes the tenant by something that asks for nothing, and waits until it was looked at. */
async function lookedAt(): Promise<void> {
  const before = looks()
  const annotations = { 'example.com/poke': String(performance.now()) }
  await world.client.patch(kinds.OdooTenant, tenantRef, {
    type: 'merge',
    body: { metadata: { annotations } },
  })
  await vi.waitFor(() => expect(looks()).toBeGreaterThan(before), { timeout: 30_000, interval: 50 })
}
/** Another operator, who has repaired nothing yet. */
async function another(): Promise<void> {
  operator.kill('SIGTERM')
  expect(await operator.ended).toEqual({ code: 0, signal: null })
  operator = world.start()
  await vi.waitFor(() => expect(looks()).toBeGreaterThan(0), { timeout: 30_000, interval: 50 })
}
/** Notes of the operator's Events about the tenant. */
const events = async (): Promise<readonly string[]> =>
  (
    (await kubectl.get<{ items: { reason: string; message: string }[] }>('events', '-n', place.namespace))
      ?.items ?? []
  ).map(({ reason, message }) => `${reason}: ${message}`)
const told = (text: string) =>
  vi.waitFor(async () => expect(await events()).toContainEqual(expect.stringContaining(text)), {
    timeout: 10_000,
    interval: 100,
  })
const keepLogs = () => onTestFailed(() => console.log(`logs and journals of the operators: ${world.keep()}`))

describe('a field of ours that somebody changes is set right, and said', () => {
  const cases: readonly [string, () => Promise<unknown>, Kind, string, (found: Loose) => void, string][] = [
    [
      'the port of the Service, with kubectl edit',
      async () => {
        // The editor is a program that renumbers the port.
        const editor = join(tmpdir(), `renumber-${process.pid}.sh`)
        writeFileSync(editor, `#!/bin/sh\nsed -i 's/port: 8069/port: 80/' "$1"\n`, { mode: 0o755 })
        process.env.KUBE_EDITOR = editor
        await here('edit', 'service', 'odoo')
        delete process.env.KUBE_EDITOR
      },
      kinds.Service,
      'odoo',
      (found) => expect(found.spec.ports.map(({ port }: Loose) => port)).toEqual([8069, 8072]),
      'Service odoo was changed by kubectl-edit; it is as revision 1 of the Helm release says again',
    ],
    [
      'the host of the Ingress',
      () =>
        here(
          ...['patch', 'ingress', 'odoo', '--type=json', '-p'],
          '[{"op":"replace","path":"/spec/rules/0/host","value":"stolen.example.org"}]',
        ),
      kinds.Ingress,
      'odoo',
      (found) => expect(found.spec.rules[0].host).toBe('t0.crash.example.com'),
      'Ingress odoo was changed by kubectl-patch; it is as revision 1 of the Helm release says again',
    ],
    [
      'the image of the Deployment',
      () => here('set', 'image', 'deployment/odoo-web', 'odoo=evil:1'),
      kinds.Deployment,
      'odoo-web',
      (found) => expect(found.spec.template.spec.containers[0].image).toBe('odoo:17.0'),
      'Deployment odoo-web was changed by kubectl-set; it is as revision 1 of the Helm release says again',
    ],
    [
      'a probe of the Deployment, by another of a kind that excludes ours',
      () =>
        here(
          ...['patch', 'deployment', 'odoo-web', '--type=json', '-p'],
          '[{"op":"replace","path":"/spec/template/spec/containers/0/livenessProbe","value":{"exec":{"command":["true"]}}}]',
        ),
      kinds.Deployment,
      'odoo-web',
      (found) => {
        const { livenessProbe } = found.spec.template.spec.containers[0]
        expect(livenessProbe).toMatchObject({ httpGet: { path: '/web/health' } })
        expect(livenessProbe).not.toHaveProperty('exec')
      },
      'Deployment odoo-web was changed by kubectl-patch',
    ],
    [
      'what the network policy lets in',
      () => patch('networkpolicy/odoo-web', { spec: { ingress: [{}] } }),
      kinds.NetworkPolicy,
      'odoo-web',
      (found) => expect(found.spec.ingress[0].ports).toHaveLength(2),
      'NetworkPolicy odoo-web was changed by kubectl-patch',
    ],
    [
      'a label by which we find it',
      () => here('label', 'service', 'odoo', 'tenantops.io/tenant-uid-'),
      kinds.Service,
      'odoo',
      (found) => expect(found.metadata.labels).toHaveProperty(['tenantops.io/tenant-uid']),
      'Service odoo was removed',
    ],
    [
      'the number of pods, with kubectl scale',
      () => here('scale', 'deployment', 'odoo-web', '--replicas=3'),
      kinds.Deployment,
      'odoo-web',
      (found) => expect(found.spec.replicas).toBe(1),
      'Deployment odoo-web was changed by kubectl',
    ],
  ]
  it.each(cases)('%s', async (what, act, kind, object, test, note) => {
    keepLogs()
    const before = writes().length
    await act()
    const ms = await comes(kind, object, test)
    console.log(
      `${what}: right ${ms.toFixed(0)} ms after kubectl ended; ${writes().slice(before).join(', ')}`,
    )
    await told(note)
    await until('the tenant to serve', async () => serves(await tenant()))
  })
})

describe('an object that somebody deletes comes back', () => {
  it.each<[string, Kind, string]>([
    ['service', kinds.Service, 'odoo'],
    ['ingress', kinds.Ingress, 'odoo'],
    ['networkpolicy', kinds.NetworkPolicy, 'odoo'],
    ['deployment', kinds.Deployment, 'odoo-cron'],
  ])('%s', async (resource, kind, object) => {
    keepLogs()
    const uid = (await live(kind, object)).metadata.uid
    const before = writes().length
    await here('delete', resource, object)
    const ms = await comes(kind, object, (found) => expect(found.metadata.uid).not.toBe(uid))
    console.log(
      `${resource} deleted: back ${ms.toFixed(0)} ms after kubectl ended; ${writes().slice(before).join(', ')}`,
    )
    await told(`${kind.kind} ${object} was removed; it is as revision 1 of the Helm release says again`)
  })
})

describe('what others add is theirs', () => {
  it('a sidecar, an annotation and a port of others stay, and cost not one write', async () => {
    keepLogs()
    await lookedAt()
    const before = writes().length
    const [resources] = (await live(kinds.Deployment, 'odoo-cron')).spec.template.spec.containers.map(
      (container: Loose) => container.resources,
    )
    const sidecar = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'odoo-cron', namespace },
      spec: { template: { spec: { containers: [{ name: 'proxy', image: 'mesh:1', resources }] } } },
    }
    await world.client.apply(kinds.Deployment, sidecar as KubeObject, { manager: 'mesh' })
    await here('annotate', 'ingress', 'odoo', 'cert-manager.io/x=y', '--field-manager=cert-manager')
    await here(
      ...['patch', 'service', 'odoo', '--type=json', '-p'],
      '[{"op":"add","path":"/spec/ports/-","value":{"name":"metrics","port":9090}}]',
    )
    await lookedAt()
    expect(writes().slice(before)).toEqual([])
    await edit({ plan: 'crash-large' })
    await until('the upgrade', async () => (await tenant()).status?.release?.revision === 2)
    const cron = await live(kinds.Deployment, 'odoo-cron')
    expect(cron.spec.template.spec.containers.map((container: Loose) => container.name)).toEqual([
      'odoo',
      'proxy',
    ])
    expect((await live(kinds.Ingress, 'odoo')).metadata.annotations['cert-manager.io/x']).toBe('y')
    expect((await live(kinds.Service, 'odoo')).spec.ports).toHaveLength(3)
    const without = { ...sidecar, spec: {} }
    await world.client.apply(kinds.Deployment, without as KubeObject, { manager: 'mesh' })
  })

  it('replicas of an autoscaler stay through an upgrade and a repair, go to rest, and are ours again by hand', async () => {
    keepLogs()
    await another()
    const scale = ['--subresource=scale', '--field-manager=kube-controller-manager'] as const
    const before = writes().length
    await patch('deployment/odoo-web', { spec: { replicas: 2 } }, ...scale)
    await lookedAt()
    expect(
      writes()
        .slice(before)
        .filter((write) => write.includes('deployments')),
    ).toEqual([])
    await edit({ plan: 'crash-small' })
    const small = (found: Loose) =>
      expect(found.spec.template.spec.containers[0].resources.limits.memory).toBe('256Mi')
    await comes(kinds.Deployment, 'odoo-web', small)
    expect((await live(kinds.Deployment, 'odoo-web')).spec.replicas).toBe(2)
    await here('set', 'image', 'deployment/odoo-web', 'odoo=evil:2')
    await comes(kinds.Deployment, 'odoo-web', (found) =>
      expect(found.spec.template.spec.containers[0].image).toBe('odoo:17.0'),
    )
    expect((await live(kinds.Deployment, 'odoo-web')).spec.replicas).toBe(2)

    await edit({ suspended: true })
    await comes(kinds.Deployment, 'odoo-web', (found) => expect(found.spec.replicas).toBe(0))
    // Pods that no node runs have no address: without one, nobody would be led back from the front desk.
    await world.client.apply(kinds.EndpointSlice, sliceIn(namespace), { manager: 'cluster' })
    await edit({ suspended: false })
    await comes(kinds.Deployment, 'odoo-web', (found) => expect(found.spec.replicas).toBe(1))
    await patch('deployment/odoo-web', { spec: { replicas: 2 } }, ...scale)
    await here('scale', 'deployment', 'odoo-web', '--replicas=3')
    await comes(kinds.Deployment, 'odoo-web', (found) => expect(found.spec.replicas).toBe(1))
    await until('the tenant to serve', async () => serves(await tenant()))
  })
})

describe('nobody is fought', () => {
  it('an object that is changed back again and again is left alone, once said', async () => {
    keepLogs()
    await another()
    const before = writes().length
    const mesh = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'odoo', namespace },
      spec: { policyTypes: ['Egress'], egress: [{}] },
    }
    const theirs = () => world.client.apply(kinds.NetworkPolicy, mesh as KubeObject, { manager: 'mesh' })
    await theirs()
    let rounds = 1
    await until('the operator to give way', async () => {
      const found = await live(kinds.NetworkPolicy, 'odoo')
      if (found.spec.egress.length > 1) {
        rounds += 1
        await theirs()
      }
      return (await condition('Deployed'))?.reason === 'FieldsContested'
    })
    const fought = writes().slice(before)
    const repairs = fought.filter((write) => write.endsWith('/networkpolicies/odoo'))
    console.log(`fight: ${rounds} rounds, writes: ${fought.join(', ')}`)
    expect(repairs).toHaveLength(3)
    expect(await condition('Deployed')).toMatchObject({
      status: 'True',
      message:
        'NetworkPolicy odoo was changed by mesh again and again: NetworkPolicy odoo was set right three times within ten minutes and is now left alone for as long; keep mesh from it, or let the tenant, its plan or its class ask for what mesh wants',
    })
    expect(await condition('Ready')).toMatchObject({ status: 'True' })
    await told('FieldsContested: NetworkPolicy odoo was changed by mesh again and again')
    await theirs()
    await lookedAt()
    expect(writes().slice(before)).toEqual(fought)
    expect((await live(kinds.NetworkPolicy, 'odoo')).spec.egress).toHaveLength(1)
    expect((await events()).filter((note) => note.startsWith('FieldsContested'))).toHaveLength(1)
  })

  it('a note that does not fit what an apply gives us is renewed by one repair', async () => {
    keepLogs()
    // As it looks when something takes a field of ours on each of our writes, from today on.
    const labelSelector = 'owner=helm,status=deployed'
    const [record] = (await world.client.list(kinds.Secret, { namespace, labelSelector })).items
    const noted = baselineOf(record?.metadata ?? {})
    expect(noted).toMatchObject({ '/Service/odoo': expect.stringMatching(/^\w{16}$/) })
    const stale = JSON.stringify({ ...noted, '/Service/odoo': 'of another time' })
    const before = writes().length
    await here(
      'annotate',
      'secret',
      record?.metadata.name ?? '',
      '--overwrite',
      `${ownedAnnotation}=${stale}`,
    )
    await vi.waitFor(
      async () => {
        const found = await world.client.get(kinds.Secret, record?.metadata ?? { name: '' })
        expect(baselineOf(found?.metadata ?? {})).toEqual(noted)
      },
      { timeout: 30_000, interval: 100 },
    )
    await lookedAt()
    expect(
      writes()
        .slice(before)
        .filter((write) => write.includes('/services/')),
    ).toHaveLength(1)
  })
})

it('a paused tenant is left as it is, and says what would be done', async () => {
  keepLogs()
  const annotate = (value: string) =>
    kubectl.run('annotate', 'odootenant', name, '-n', place.namespace, `tenantops.io/paused${value}`)
  await annotate('=true')
  await until('the pause to be seen', async () => (await condition('Paused')) !== undefined)
  const before = writes().length
  await here('delete', 'ingress', 'odoo')
  await until('the repair to be held', async () => (await condition('Paused'))?.reason === 'ChangesHeld')
  expect((await condition('Paused'))?.message).toBe(
    'paused: held back are repair-release (Ingress odoo was removed); remove the annotation tenantops.io/paused to go on',
  )
  expect(await live(kinds.Ingress, 'odoo')).toBeUndefined()
  expect(
    writes()
      .slice(before)
      .every((write) => write.endsWith('/status')),
  ).toBe(true)
  await annotate('-')
  await comes(kinds.Ingress, 'odoo', () => undefined)
})

it('what was changed while no operator ran is repaired by the next; then it writes nothing', async () => {
  keepLogs()
  operator.kill('SIGTERM')
  expect(await operator.ended).toEqual({ code: 0, signal: null })
  await here('delete', 'service', 'odoo')
  await patch('networkpolicy/odoo-web', { spec: { ingress: [{}] } })
  operator = world.start()
  await comes(kinds.Service, 'odoo', () => undefined)
  await comes(kinds.NetworkPolicy, 'odoo-web', (found) => expect(found.spec.ingress[0].ports).toHaveLength(2))
  await told(
    'NetworkPolicy odoo-web was changed by kubectl-patch, NetworkPolicy odoo was changed by mesh, Service odoo was removed; they are',
  )
  await until('the tenant to serve', async () => serves(await tenant()))

  await another()
  await lookedAt()
  expect(writes()).toEqual([])
})

it('a release that somebody rolled back with the Helm CLI is left alone, objects and all', async () => {
  keepLogs()
  const revision = (await tenant()).status?.release?.revision ?? 0
  await kubectl.helm('rollback', name, String(revision - 1), '-n', namespace)
  await until(
    'the rollback to be seen',
    async () => (await condition('Deployed'))?.reason === 'ChangedWithHelm',
  )
  await patch('networkpolicy/odoo-web', { spec: { ingress: [{}] } })
  const before = writes().length
  await lookedAt()
  expect(writes().slice(before)).toEqual([])
  expect((await live(kinds.NetworkPolicy, 'odoo-web')).spec.ingress).toEqual([{}])
  await edit({ plan: 'crash-large' })
  await until('the next upgrade', async () => (await condition('Deployed'))?.reason === 'ReleaseDeployed')
})

it('files whose claim is deleted are spoken of, and never replaced by none', async () => {
  keepLogs()
  const uid = (await live(kinds.PersistentVolumeClaim, 'filestore')).metadata.uid
  // Held as by a pod on a node; a control plane alone has none.
  await patch('pvc/filestore', { metadata: { finalizers: ['example.com/hold'] } })
  await here('delete', 'pvc', 'filestore', '--wait=false')
  await until(
    'the loss to be announced',
    async () => (await condition('Deployed'))?.reason === 'FilestoreTerminating',
  )
  await told('FilestoreTerminating: somebody deleted PersistentVolumeClaim filestore')
  expect(await condition('Ready')).toMatchObject({ status: 'True' })
  const before = writes().length
  await edit({ plan: 'crash-small' })
  await until(
    'the upgrade to wait',
    async () => (await condition('Reconciling'))?.reason === 'FilestoreTerminating',
  )
  await patch('pvc/filestore', { metadata: { finalizers: null } })
  await until('the loss to be told', async () => (await condition('Deployed'))?.reason === 'FilestoreMissing')
  expect(await live(kinds.PersistentVolumeClaim, 'filestore')).toBeUndefined()
  const released = /deployments|persistentvolumeclaims|sh\.helm\.release/
  expect(
    writes()
      .slice(before)
      .filter((write) => released.test(write)),
  ).toEqual([])

  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'filestore', namespace },
    spec,
  }
  await kubectl.apply(JSON.stringify(claim))
  await until('the upgrade', async () => (await condition('Deployed'))?.reason === 'ReleaseDeployed')
  expect((await live(kinds.PersistentVolumeClaim, 'filestore')).metadata.uid).not.toBe(uid)
})
