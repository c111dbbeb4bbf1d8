/** What one run of the fleet bench found, and what it is held to. */
import type { Floor } from './floor.ts'
import type { Edits, Rate, Rest } from './phases.ts'
import { isForTenants, total } from './requests.ts'

export interface FleetFigures {
  readonly count: number
  readonly shape: 'pods' | 'suspended'
  readonly postgres: 'fake' | 'real'
  /** `kind name` of everything the operator has made for one tenant. */
  readonly objects: readonly string[]
  readonly installed: Rate
  readonly edited: Edits
  readonly upgraded: Rate
  readonly rested: Rest | undefined
  /** Seconds. */
  readonly restart: number
  /** The same objects without an operator, where asked for. */
  readonly floor: Floor | undefined
  /** Bytes. */
  readonly memory: { readonly ownPeak: number; readonly withChildren: number; readonly kernelPeak: number }
}

const MiB = 2 ** 20

const limits = {
  ownPeak: 250,
  withChildren: 450,
  restart: 60,
  cpuPercent: 1,
  installs: 500,
  upgrades: 800,
  cpuSeconds: 0.25,
  moreRequests: 4,
} as const

export const targets: Readonly<Record<string, string>> = {
  ownPeak: `<= ${limits.ownPeak} MiB`,
  withChildren: `<= ${limits.withChildren} MiB`,
  restart: `<= ${limits.restart} s`,
  rest: `0 writes, 0 processes, <= ${limits.cpuPercent} % of one core`,
  installsPerMinute: `>= ${limits.installs}`,
  upgradesPerMinute: `>= ${limits.upgrades}`,
  cpuPerInstall: `<= ${limits.cpuSeconds} s over operator, children and API server`,
  requestsPerInstall: `<= objects + ${limits.moreRequests}`,
}

/** Seconds of CPU per tenant over operator, its children and the API server. */
export function cpuPerTenant({ cost }: Rate, count: number): number {
  const { operator = 0, children = 0, 'kube-apiserver': apiserver = 0 } = cost.cpu
  return (operator + children + apiserver) / count
}

/** One sentence for each target that a run missed. */
export function judge(found: FleetFigures): readonly string[] {
  const { count, shape, installed, upgraded, rested, restart, memory, objects, postgres } = found
  const missed: string[] = []
  const check = (met: boolean, sentence: string) => {
    if (!met) missed.push(`${count} ${shape}: ${sentence}`)
  }
  const own = memory.ownPeak / MiB
  const all = memory.withChildren / MiB
  check(own <= limits.ownPeak, `the operator took ${own.toFixed(0)} MiB, not ${limits.ownPeak}`)
  check(all <= limits.withChildren, `with children ${all.toFixed(0)} MiB, not ${limits.withChildren}`)
  check(restart <= limits.restart, `a restart took ${restart.toFixed(1)} s, not ${limits.restart}`)
  const cpu = cpuPerTenant(installed, count)
  check(cpu <= limits.cpuSeconds, `an install took ${cpu.toFixed(3)} s of CPU, not ${limits.cpuSeconds}`)
  const requests = total(installed.cost.requests, isForTenants) / count
  const allowed = objects.length + limits.moreRequests
  check(requests <= allowed, `${requests.toFixed(1)} requests per install, not ${allowed}`)
  if (postgres === 'fake') {
    check(
      installed.perMinute >= limits.installs,
      `${installed.perMinute.toFixed(0)} installs a minute, not ${limits.installs}`,
    )
    check(
      upgraded.perMinute >= limits.upgrades,
      `${upgraded.perMinute.toFixed(0)} upgrades a minute, not ${limits.upgrades}`,
    )
  }
  if (rested) {
    const { writes, processes, cpuPercent } = rested
    check(writes === 0, `${writes} writes at rest`)
    check(processes === 0, `${processes} processes started at rest`)
    check(cpuPercent <= limits.cpuPercent, `${cpuPercent.toFixed(2)} % of a core at rest`)
  }
  return missed
}
