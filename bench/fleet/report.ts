/** Tables and plots of a finished run, as files: what `docs/design/runtime-fleet.md` shows. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Plot, svgPlot } from '../plot.ts'
import { cpuPerTenant, type FleetFigures } from './figures.ts'
import { isForTenants, total } from './requests.ts'

const MiB = 2 ** 20

/** Writes `fleet-*.md` and `fleet-*.svg` into the folder; answers their names. */
export function writeReport(folder: string, runs: readonly FleetFigures[]): readonly string[] {
  mkdirSync(folder, { recursive: true })
  const files: Readonly<Record<string, string>> = {
    'fleet-tables.md': [summary(runs), cpu(runs), requests(runs)].join('\n\n'),
    'fleet-rate.svg': svgPlot(rate(runs)),
    'fleet-memory.svg': svgPlot(memory(runs)),
    'fleet-cpu.svg': svgPlot(cpuGrowth(runs)),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return Object.keys(files)
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const nameOf = ({ count, shape, postgres }: FleetFigures): string =>
  `${count} ${shape === 'pods' ? 'with pods' : 'suspended'}${postgres === 'real' ? ', real PostgreSQL' : ''}`

function summary(runs: readonly FleetFigures[]): string {
  return table(
    [
      'fleet',
      'installs/min',
      'upgrades/min',
      'edit to applied p50 / p99, s',
      'restart, s',
      'operator, MiB',
      'with children, MiB',
      'requests per install',
      'at rest: writes, processes, % of a core',
    ],
    runs.map((run) => [
      nameOf(run),
      run.installed.perMinute.toFixed(0),
      run.upgraded.perMinute.toFixed(0),
      `${run.edited.p50.toFixed(2)} / ${run.edited.p99.toFixed(2)}`,
      run.restart.toFixed(1),
      (run.memory.ownPeak / MiB).toFixed(0),
      (run.memory.withChildren / MiB).toFixed(0),
      (total(run.installed.cost.requests, isForTenants) / run.count).toFixed(1),
      run.rested
        ? `${run.rested.writes}, ${run.rested.processes}, ${run.rested.cpuPercent.toFixed(2)} (${run.rested.seconds} s)`
        : '',
    ]),
  )
}

const components = [
  'operator',
  'children',
  'kube-apiserver',
  'etcd',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
]

/** Milliseconds of CPU per tenant. */
function cpu(runs: readonly FleetFigures[]): string {
  return table(
    ['ms of CPU per tenant', ...components, 'operator + children + API server'],
    runs.flatMap((run) =>
      (['installed', 'upgraded'] as const).map((phase) => [
        `${phase === 'installed' ? 'install' : 'upgrade'}, ${nameOf(run)}`,
        ...components.map((name) => (((run[phase].cost.cpu[name] ?? 0) / run.count) * 1000).toFixed(0)),
        (cpuPerTenant(run[phase], run.count) * 1000).toFixed(0),
      ]),
    ),
  )
}

/** What the operator sends, per tenant, in the largest run of each shape. */
function requests(runs: readonly FleetFigures[]): string {
  const shapes = [...new Set(runs.map(({ shape }) => shape))]
  const shown = shapes.flatMap((shape) => {
    const all = runs.filter((run) => run.shape === shape)
    return all.reduce((largest, run) => (run.count > largest.count ? run : largest), all[0] as FleetFigures)
  })
  const columns = shown.flatMap((run) =>
    (['installed', 'upgraded'] as const).map((phase) => ({
      title: `${phase === 'installed' ? 'install' : 'upgrade'}, ${nameOf(run)}`,
      tally: run[phase].cost.requests,
      count: run.count,
    })),
  )
  const names = [...new Set(columns.flatMap(({ tally }) => Object.keys(tally)))]
  const told = names
    .map((name) => ({ name, values: columns.map(({ tally, count }) => (tally[name] ?? 0) / count) }))
    .filter(({ values }) => values.some((value) => value >= 0.05))
    .sort((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0))
  return table(
    ['requests per tenant', ...columns.map(({ title }) => title)],
    [
      ...told.map(({ name, values }) => [name, ...values.map((value) => value.toFixed(2))]),
      [
        '**all but leases**',
        ...columns.map(({ tally, count }) => (total(tally, isForTenants) / count).toFixed(2)),
      ],
    ],
  )
}

/** One line per shape for each figure. */
function growth(
  runs: readonly FleetFigures[],
  figures: Readonly<Record<string, (run: FleetFigures) => number>>,
): Plot['series'] {
  const shapes = [...new Set(runs.map(({ shape }) => shape))]
  return shapes.flatMap((shape) =>
    Object.entries(figures).map(([name, of]) => ({
      name: `${name}, ${shape}`,
      points: runs.filter((run) => run.shape === shape).map((run) => [run.count, of(run)] as const),
    })),
  )
}

const rate = (runs: readonly FleetFigures[]): Plot => ({
  title: 'How fast a fleet is installed and upgraded',
  x: 'tenants',
  y: 'tenants a minute',
  series: growth(runs, {
    installs: (run) => run.installed.perMinute,
    upgrades: (run) => run.upgraded.perMinute,
  }),
})

const memory = (runs: readonly FleetFigures[]): Plot => ({
  title: 'Highest resident memory',
  x: 'tenants',
  y: 'MiB',
  series: growth(runs, {
    operator: (run) => run.memory.ownPeak / MiB,
    'with children': (run) => run.memory.withChildren / MiB,
  }),
  limit: { y: 250, text: 'operator: at most 250' },
})

const cpuGrowth = (runs: readonly FleetFigures[]): Plot => ({
  title: 'CPU per install: operator, children, API server',
  x: 'tenants',
  y: 's',
  series: growth(runs, { install: (run) => cpuPerTenant(run.installed, run.count) }),
  limit: { y: 0.25, text: 'at most 0.25' },
})
