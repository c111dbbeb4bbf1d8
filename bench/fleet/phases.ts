/**
 * The phases of a fleet's life, each measured from outside: install, edits one at a time, one edit for all, rest, and
 * the operator's restart. A phase ends when the fleet is settled; its cost is counted until nothing writes any more.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { DeploymentObject } from '../../operator/tenant/workload.ts'
import { waitFor } from '../../test/cluster/wait.ts'
import { quantile } from '../statistics.ts'
import type { Cost, Meter } from './cost.ts'
import { inParallel } from './in-parallel.ts'
import type { OperatorProcess } from './operator-process.ts'
import { Outside } from './outside.ts'
import { isWrite, type Tally, total } from './requests.ts'
import { fleetNamespace, isSettled, plans, tenant, tenantName, webMemory } from './tenants.ts'
import { type FleetWorld, range } from './world.ts'

export interface Fleet {
  readonly world: FleetWorld
  readonly count: number
  readonly suspended: boolean
  readonly tenants: Outside<OdooTenant>
  readonly deployments: Outside<DeploymentObject>
  readonly meter: Meter
  readonly log: (line: string) => void
}

export interface Rate {
  readonly seconds: number
  readonly perMinute: number
  readonly cost: Cost
}

const labelled = 'tenantops.io/tenant-uid'

export async function watchFleet({ client }: FleetWorld): Promise<Pick<Fleet, 'tenants' | 'deployments'>> {
  const [tenants, deployments] = await Promise.all([
    Outside.open<OdooTenant>(client, kinds.OdooTenant, { namespace: fleetNamespace }),
    Outside.open<DeploymentObject>(client, kinds.Deployment, { labelSelector: labelled }),
  ])
  return { tenants, deployments }
}

/** From the first apply to the last tenant settled. */
export async function install(fleet: Fleet): Promise<Rate> {
  const { world, count, suspended, tenants, log } = fleet
  return rated(fleet, async (began) => {
    const last = tenants.until('tenants settled', {
      count,
      seconds: 300 + 2 * count,
      test: isSettled,
      progress: log,
    })
    const applied = inParallel(8, range(count), async (n) => {
      await world.client.apply(kinds.OdooTenant, tenant(n, suspended), { manager: 'gitops' })
    }).then(() => log(`all applied after ${((performance.now() - began) / 1000).toFixed(1)} s`))
    const [at] = await Promise.all([last, applied])
    return at
  })
}

export interface Edits {
  readonly edits: number
  /** Seconds from the edit to the changed Deployment. */
  readonly p50: number
  readonly p99: number
}

/** Tenants go from plan to plan and back, so many a second; each time one value of one Deployment changes. */
export async function editOneByOne(fleet: Fleet, perSecond: number): Promise<Edits> {
  const { world, count, deployments, log } = fleet
  const seconds: number[] = []
  for (const plan of ['large', 'small'] as const) {
    const memory = plans[plan].spec.web.resources.limits.memory
    const running: Promise<void>[] = []
    const began = performance.now()
    for (const n of range(Math.min(count, 100))) {
      await sleep(Math.max(0, began + ((n - 1) * 1000) / perSecond - performance.now()))
      const name = tenantName(n)
      const namespace = `${fleetNamespace}-${name}`
      const sent = performance.now()
      const changed = deployments.until(`Deployments of ${name} changed`, {
        count: 1,
        seconds: 120,
        test: (each) =>
          each.metadata.namespace === namespace &&
          each.metadata.name === 'odoo-web' &&
          webMemory(each) === memory,
      })
      const edited = Promise.all([changed, setPlan(world, name, plan)]).then(([at]) => {
        seconds.push((at - sent) / 1000)
      })
      // Its failure is told where all are awaited, also when it comes before.
      edited.catch(() => undefined)
      running.push(edited)
    }
    await Promise.all(running)
    await settled(fleet)
    log(`edited ${running.length} tenants to plan ${plan}: p50 ${quantile(seconds, 0.5).toFixed(3)} s`)
  }
  return { edits: seconds.length, p50: quantile(seconds, 0.5), p99: quantile(seconds, 0.99) }
}

export async function setPlan({ client }: FleetWorld, name: string, plan: keyof typeof plans): Promise<void> {
  const ref = { namespace: fleetNamespace, name }
  await client.patch(kinds.OdooTenant, ref, { type: 'merge', body: { spec: { plan } } })
}

/** One value of the class that all tenants share, an annotation of their Ingress: each gets a new revision with one object changed. */
export async function editAllAtOnce(fleet: Fleet): Promise<Rate> {
  const { world, count, tenants, log } = fleet
  const before = new Map([...tenants.objects].map(([key, { status }]) => [key, status?.release?.revision]))
  return rated(fleet, async () => {
    const last = tenants.until('tenants upgraded', {
      count,
      seconds: 300 + 2 * count,
      test: (each) =>
        isSettled(each) &&
        each.status?.release?.revision !== before.get(`${fleetNamespace}/${each.metadata.name}`),
      progress: log,
    })
    const body = { spec: { ingress: { annotations: { 'example.com/edited': 'once' } } } }
    const [at] = await Promise.all([
      last,
      world.client.patch(kinds.TenantClass, { name: 'local' }, { type: 'merge', body }),
    ])
    return at
  })
}

async function rated(fleet: Fleet, work: (began: number) => Promise<number>): Promise<Rate> {
  const { meter, count, log } = fleet
  const before = await meter.read()
  const began = performance.now()
  const seconds = ((await work(began)) - began) / 1000
  const perMinute = (count / seconds) * 60
  log(`${count} in ${seconds.toFixed(1)} s: ${perMinute.toFixed(0)}/min`)
  await settled(fleet)
  return { seconds, perMinute, cost: meter.between(before, await meter.read()) }
}

/** Every tenant settled, and so long without a write of the operator's. */
export async function settled({ meter, tenants, count }: Fleet, quietMs = 3000): Promise<void> {
  await tenants.until('tenants settled', { count, seconds: 300 + 2 * count, test: isSettled })
  let writes = -1
  let since = performance.now()
  await waitFor({ what: 'the operator to come to rest', seconds: 300, every: 500 }, async () => {
    const now = total((await meter.operator().gauge()).requests, isWrite)
    if (now !== writes) since = performance.now()
    writes = now
    return performance.now() - since > quietMs
  })
}

export interface Rest {
  readonly seconds: number
  readonly writes: number
  readonly requests: Tally
  readonly processes: number
  readonly cpuPercent: number
}

/** Repeated Events are told together this long after the last of them, which is work of the phase before. */
const EVENTS_MS = 35_000

/** Nothing is asked of the operator for so long. */
export async function rest(fleet: Fleet, seconds: number): Promise<Rest> {
  const { meter, log } = fleet
  await settled(fleet, EVENTS_MS)
  const before = await meter.read()
  const end = performance.now() + seconds * 1000
  for (let left = seconds * 1000; left > 0; left = end - performance.now()) {
    await sleep(Math.min(left, 30_000))
    log(`at rest, ${Math.max(0, (end - performance.now()) / 1000).toFixed(0)} s to go`)
  }
  const cost = meter.between(before, await meter.read())
  return {
    seconds,
    writes: total(cost.requests, isWrite),
    requests: cost.requests,
    processes: cost.processes,
    cpuPercent: ((cost.cpu.operator ?? 0) / seconds) * 100,
  }
}

/** From the start of the process to the last of the fleet reconciled, by the operator's own metrics. */
export async function untilAllObserved(operator: OperatorProcess, count: number): Promise<number> {
  await waitFor({ what: `${count} tenants to be observed`, seconds: 600, every: 100 }, async () => {
    const reconciled = await operator.metric('tenantops_reconcile_seconds_count', 'controller="tenant"')
    if (reconciled === undefined || reconciled < count) return false
    const busy = ['ready', 'working'].map((state) =>
      operator.metric('tenantops_queue_keys', `controller="tenant",state="${state}"`),
    )
    return (await Promise.all(busy)).every((keys) => keys === 0)
  })
  return (performance.now() - operator.startedAt) / 1000
}
