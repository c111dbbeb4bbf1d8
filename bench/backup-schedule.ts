/**
 * A schedule of backups over a month: 1,000 tenants on one policy, 30 virtual days with the night on which clocks are set
 * and 9 hours without an operator. The operator's own controllers, queues and stores on a clock that moves only when all
 * is done; Jobs are played. What should have happened is worked out beside it, from slots and offsets alone.
 * `npm run bench backup-schedule 100` takes another number of tenants. The queue is played once more under the limit of the
 * fleet alone, as of a policy whose own limit is higher, and of one that begins all tenants at once.
 */

import { findCondition } from '../operator/api/condition.ts'
import { parseDuration } from '../operator/api/duration.ts'
import type { TenantBackup } from '../operator/api/v1alpha1/tenant-backup.ts'
import { nextInLine } from '../operator/backup/line.ts'
import { observeBackup } from '../operator/backup/observe.ts'
import { planBackup } from '../operator/backup/plan.ts'
import { slotOf } from '../operator/backup-policy/names.ts'
import { reconcilePolicy } from '../operator/backup-policy/policy-reconcile.ts'
import { reconcileRecovery } from '../operator/backup-policy/reconcile.ts'
import { nextRun, parseSchedule, spreadOffset } from '../operator/backup-policy/schedule.ts'
import { watchPolicies, watchRecovery } from '../operator/backup-policy/watch.ts'
import { readConfig } from '../operator/config.ts'
import { kinds } from '../operator/kube/kinds.ts'
import { keyOf } from '../operator/kube/object.ts'
import { Controller, type Outcome } from '../operator/runtime/controller.ts'
import { silent } from '../operator/runtime/log.ts'
import { createMetrics } from '../operator/runtime/metrics.ts'
import { aPolicy, type RecoveryWorld, recoveryWorld, succeeded } from '../test/fixtures/recovery-world.ts'
import { VirtualClock } from '../test/fixtures/virtual-clock.ts'
import { type Waiting, waitingFleet } from '../test/fixtures/waiting-fleet.ts'
import type { Bench } from './main.ts'
import { median, quantile } from './statistics.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const DAYS = 30
/** Clocks of Brussels are set forward on the 29th. */
const BEGIN = Date.parse('2026-03-15T12:00:00Z')
/** In the midst of a night: some runs are made up for, most are missed. */
const AWAY = { from: Date.parse('2026-03-22T18:00:00Z'), until: Date.parse('2026-03-23T03:00:00Z') }
const POLICY = {
  schedule: '30 2 * * *',
  timeZone: 'Europe/Brussels',
  spread: '4h',
  startingDeadline: '1h',
  rpo: '26h',
  retention: { daily: 7, weekly: 4 },
  concurrency: { backups: 4 },
} as const
const BACKUP_MS = 60_000
const LOOKS = 1_000
/** As the operator's chart has it. */
const FLEET = readConfig({}, 'bench').backups.fleet

export const backupSchedule: Bench = {
  about: '1,000 tenants on one schedule for 30 virtual days: error, missed runs, doubles, queue time, CPU',
  run: async (log) => {
    const count = Number(process.argv[3] ?? 1_000)
    const clock = new VirtualClock(BEGIN)
    const world = recoveryWorld(() => clock.now())
    world.put(aPolicy(POLICY))
    const tenants = Array.from({ length: count }, (_, i) => world.addTenant(`t${i}`))
    const jobs = playJobs(world, clock)
    const before = process.cpuUsage()
    const began = performance.now()

    let operator = startOperator(world, clock)
    for (let day = 1; day <= DAYS; day += 1) {
      const end = BEGIN + day * DAY
      if (AWAY.from >= clock.now() && AWAY.until <= end) {
        await clock.advance(AWAY.from - clock.now())
        await operator.stop()
        jobs.away = true
        await clock.advance(AWAY.until - clock.now())
        jobs.away = false
        operator = startOperator(world, clock)
      }
      await clock.advance(end - clock.now())
      if (day % 5 === 0) log(`day ${day}: ${jobs.made.length} backups`)
    }
    await operator.stop()

    const cpu = process.cpuUsage(before)
    const wanted = tenants.map(({ metadata: { name, uid } }) => expected(name, uid, clock.now()))
    const due = new Map(wanted.flatMap(({ runs }) => runs))
    const errors = jobs.made.map(({ name, at }) => at - (due.get(name) ?? Number.NaN))
    const missed = tenants.map(
      ({ metadata }) => world.caches.tenants.get(keyOf(metadata))?.status?.backup?.missedRuns ?? 0,
    )
    const waits = jobs.made.flatMap(({ at, startedAt }) => (startedAt === undefined ? [] : [startedAt - at]))
    const worst = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    const figures = {
      tenants: count,
      virtualDays: DAYS,
      hoursWithoutOperator: (AWAY.until - AWAY.from) / HOUR,
      runsDue: due.size,
      backupsMade: jobs.made.length,
      doubles: jobs.made.length - new Set(jobs.made.map(({ name }) => name)).size,
      notMade: [...due.keys()].filter((name) => !jobs.names.has(name)).length,
      notDue: jobs.made.filter(({ name }) => !due.has(name)).length,
      missedExpected: wanted.reduce((sum, each) => sum + each.missed, 0),
      missedCounted: missed.reduce((sum, each) => sum + each, 0),
      tenantsWhoseMissedDiffer: missed.filter((each, i) => each !== wanted[i]?.missed).length,
      scheduleErrorMs: { median: median(errors), p99: quantile(errors, 0.99), worst: worst(errors) },
      queueSeconds: {
        concurrency: POLICY.concurrency.backups,
        backupSeconds: BACKUP_MS / 1_000,
        median: median(waits) / 1_000,
        p99: quantile(waits, 0.99) / 1_000,
        worst: worst(waits) / 1_000,
      },
      fleetQueueSeconds: {
        limit: FLEET,
        spread: queueUnder(
          FLEET,
          jobs.made.map(({ at }) => at),
        ),
        allAtOnce: queueUnder(
          FLEET,
          tenants.map(() => 0),
        ),
      },
      waitingForPlaces: looksOf(count),
      pointsKept: world.caches.tenantBackups.list().length,
      writesPerTenantAndDay: rounded(world.writes() / count / DAYS),
      cpuMsPerTenantAndDay: rounded((cpu.user + cpu.system) / 1_000 / count / DAYS),
      realSeconds: rounded((performance.now() - began) / 1_000),
    }
    return {
      name: 'backup-schedule',
      figures,
      targets: {
        doubles: '0',
        notMade: '0',
        missedCounted: 'as expected, for every tenant',
        scheduleErrorMs: 'worst ≤ 1000',
        cpuMsPerTenantAndDay: '≤ 10, played Jobs and stores included',
      },
      ok:
        figures.doubles === 0 &&
        figures.notMade === 0 &&
        figures.notDue === 0 &&
        figures.tenantsWhoseMissedDiffer === 0 &&
        figures.scheduleErrorMs.worst <= 1_000 &&
        figures.cpuMsPerTenantAndDay <= 10,
    }
  },
}

/** Seconds that backups wait when they come at these instants and so many run at once. */
function queueUnder(limit: number, arrivals: readonly number[]) {
  const free = Array.from({ length: limit }, () => Number.NEGATIVE_INFINITY)
  const waits = [...arrivals]
    .sort((a, b) => a - b)
    .map((at) => {
      const place = free.indexOf(Math.min(...free))
      const start = Math.max(at, free[place] ?? at)
      free[place] = start + BACKUP_MS
      return (start - at) / 1_000
    })
  return {
    median: median(waits),
    p99: quantile(waits, 0.99),
    worst: waits.reduce((a, b) => Math.max(a, b), 0),
  }
}

/**
 * What it costs the operator that so many wait at once for the places of the fleet: a look at one of them, as each has
 * every half minute, and one place that is left. CPU milliseconds, the first thousand looks left out.
 */
function looksOf(waiting: number) {
  const limits = { fleet: FLEET, node: FLEET }
  const all = Array.from({ length: waiting + FLEET }, (_, at): Waiting => {
    const is = at < FLEET ? 'at-work' : 'waiting'
    return { policy: at % 5, server: at % 5, node: at % 10, trigger: 'Schedule', is }
  })
  const { world, backups, endJob, endPod } = waitingFleet(all, limits)
  const line = backups.by('state', 'open').slice(FLEET)
  const look = (at: number) => {
    const backup = line[at % line.length]
    if (backup) planBackup(observeBackup(world, backup), BEGIN)
  }
  const perLook = cpuOfEach(look)
  endJob('t0')
  endPod('t0')
  const woken = nextInLine(world).length
  return { waiting, atWork: FLEET, perLook, perPlaceLeft: cpuOfEach(() => nextInLine(world)), woken }
}

function cpuOfEach(run: (at: number) => void): number {
  for (let at = 0; at < LOOKS; at += 1) run(at)
  const before = process.cpuUsage()
  for (let at = 0; at < LOOKS; at += 1) run(at)
  const { user, system } = process.cpuUsage(before)
  return Math.round((user + system) / LOOKS) / 1_000
}

const rounded = (value: number): number => Math.round(value * 100) / 100

/** Both controllers, woken as at a start: every tenant once. */
function startOperator(world: RecoveryWorld, clock: VirtualClock): { stop(): Promise<unknown> } {
  const { caches, client } = world
  const metrics = createMetrics()
  const recorder = { record: () => {} }
  const now = () => clock.now()
  const policies = {
    client,
    caches,
    secrets: { problemOf: async () => undefined },
    recorder,
    log: silent,
    now,
  }
  const recovery = { hands: { client, now }, caches, recorder, log: silent }
  const controller = (name: string, reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>) =>
    new Controller({
      name,
      workers: 2,
      reconcile,
      clock,
      random: () => 0.5,
      metrics,
      log: silent,
      timeoutMs: 120_000,
    })
  const both = [
    controller('recovery', (key, signal) => reconcileRecovery(recovery, key, signal)),
    controller('backup-policy', (key) => reconcilePolicy(policies, key)),
  ] as const
  watchRecovery(caches, both[0])
  watchPolicies(caches, both[1])
  for (const { metadata } of caches.tenants.list()) both[0].enqueue(keyOf(metadata))
  both[1].enqueue('nightly')
  for (const each of both) each.start()
  return { stop: () => Promise.all(both.map((each) => each.stop(0))) }
}

interface Made {
  readonly name: string
  readonly at: number
  startedAt: number | undefined
}

/** Jobs by the policy's limit, in the order in which they came; what is given up is removed. None begins while nobody is there. */
function playJobs(world: RecoveryWorld, clock: VirtualClock) {
  const waiting: { readonly backup: TenantBackup; readonly made: Made }[] = []
  const state = { away: false, made: [] as Made[], names: new Set<string>() }
  let running = 0
  const begin = (): void => {
    while (!state.away && running < POLICY.concurrency.backups) {
      const next = waiting.shift()
      if (!next) return
      running += 1
      next.made.startedAt = clock.now()
      clock.after(BACKUP_MS, () => {
        running -= 1
        const { namespace, name } = next.backup.metadata
        const tenant = world.caches.tenants.get(keyOf({ namespace, name: next.backup.spec.tenant }))
        const held = world.caches.tenantBackups.get(keyOf({ namespace, name }))
        if (tenant && held) world.say(held, succeeded(tenant.metadata.uid, next.made.startedAt ?? 0))
        begin()
      })
    }
  }
  world.caches.tenantBackups.onChange((change) => {
    const { object } = change
    if (change.kind === 'added') {
      const made: Made = { name: object.metadata.name, at: clock.now(), startedAt: undefined }
      state.made.push(made)
      state.names.add(made.name)
      waiting.push({ backup: object, made })
      begin()
    } else if (
      change.kind === 'updated' &&
      findCondition(object.status?.conditions, 'Expired')?.status === 'True'
    )
      clock.after(1_000, () => void world.client.delete(kinds.TenantBackup, object.metadata))
  })
  return state
}

/** What should come of a tenant: when each run is to be made, and how many cannot be. */
function expected(name: string, uid: string, until: number) {
  const parsed = parseSchedule(POLICY.schedule, POLICY.timeZone)
  if (parsed.kind === 'refused') throw new Error(parsed.message)
  const offset = spreadOffset(uid, parseDuration(POLICY.spread))
  const runs: [string, number][] = []
  let missed = 0
  for (
    let slot = nextRun(parsed.schedule, BEGIN - offset);
    slot + offset <= until;
    slot = nextRun(parsed.schedule, slot)
  ) {
    const at = slot + offset
    const stamp = new Date(slot).toISOString().replace(/\D/g, '').slice(0, 12)
    if (slotOf(`-${stamp}`) !== slot) throw new Error(`${stamp} does not name ${slot}`)
    const away = at > AWAY.from && at < AWAY.until
    if (!away) runs.push([`${name}-${stamp}`, at])
    else if (AWAY.until - at <= parseDuration(POLICY.startingDeadline))
      runs.push([`${name}-${stamp}`, AWAY.until])
    else missed += 1
  }
  return { runs, missed }
}
