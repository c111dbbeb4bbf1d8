/**
 * What Prometheus and Grafana are given: the rules pass promtool's own check and their tests, each alert is seen to fire
 * and not to fire, rules and dashboards name no metric and no label that the operator does not have, and the chart ships
 * them when asked.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { RecoveryCaches } from '../../operator/recovery-metrics/facts.ts'
import { registerRecoveryMetrics } from '../../operator/recovery-metrics/register.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { ensurePromtool } from '../cluster/binaries.ts'
import { projectDirectory } from '../cluster/paths.ts'
import { ensureTools } from '../cluster/tools.ts'

const chart = join(projectDirectory, 'charts/tenantops')
const rulesFile = join(chart, 'rules/recovery.yaml')
const testsFile = join(import.meta.dirname, 'recovery.yaml')
const dashboardFiles = readdirSync(join(chart, 'dashboards')).map((name) => join(chart, 'dashboards', name))

/** What a program prints; rejects with that when it fails. */
const run = async (program: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { maxBuffer: 2 ** 24 })).stdout

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}
interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly unknown[]
    }[]
  }[]
}
interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string }[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] }
}

const read = <T>(file: string): T => parse(readFileSync(file, 'utf8')) as T
const rules = read<RuleFile>(rulesFile).groups.flatMap((group) => group.rules)
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))

/** Metric → its labels, of everything that the operator tells and the rules record. */
const perTenant: readonly string[] = ['tenant_namespace', 'tenant']

function known(): ReadonlyMap<string, readonly string[]> {
  const { registry } = createMetrics()
  registerRecoveryMetrics({ registry, caches: {} as RecoveryCaches, leading: () => false, now: () => 0 })
  const told = registry
    .getMetricsAsArray()
    .map((metric) => [metric.name, (metric as unknown as { labelNames: string[] }).labelNames] as const)
  const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [[record, perTenant] as const]))
  return new Map<string, readonly string[]>([...told, ...recorded])
}

/** What a PromQL expression names and nobody tells. */
function unknownIn(expr: string): readonly string[] {
  const metrics = known()
  const named = expr.matchAll(/\b((?:odoo_|tenantops_|tenant:|fleet:)[\w:]*)(?:\{([^}]*)\})?/g)
  return [...named].flatMap(([, metric = '', matchers = '']) => {
    const labels = metrics.get(metric)
    if (labels === undefined) return [metric]
    return [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label = '']) =>
      labels.includes(label) ? [] : [`${metric}{${label}}`],
    )
  })
}

it('rules: promtool finds them well formed, and all their tests pass', { timeout: 900_000 }, async () => {
  const promtool = await ensurePromtool(console.log)
  const said = await run(promtool, 'check', 'rules', '--lint=all', '--lint-fatal', rulesFile)
  expect(said).toContain(`SUCCESS: ${rules.length} rules found`)
  expect(await run(promtool, 'test', 'rules', testsFile)).toContain('SUCCESS')
})

it('rules: each alert is seen to fire and not to fire, and says what to do', () => {
  const seen = read<RuleTests>(testsFile).tests.flatMap((test) => test.alert_rule_test ?? [])
  const fires = new Set(seen.filter((test) => test.exp_alerts.length > 0).map((test) => test.alertname))
  const rests = new Set(seen.filter((test) => test.exp_alerts.length === 0).map((test) => test.alertname))
  const names = alerts.map(({ alert }) => alert).sort()
  expect([...fires].sort()).toEqual(names)
  expect([...rests].sort()).toEqual(names)
  for (const { labels, annotations } of alerts) {
    expect(labels?.severity).toMatch(/^(critical|warning)$/)
    expect(Object.keys(annotations ?? {})).toEqual(['summary', 'description', 'runbook'])
  }
})

it('rules name only metrics and labels that exist', () => {
  expect(unknownIn('odoo_tenant_recovery_points{result="x"} / odoo_nothing')).toEqual([
    'odoo_tenant_recovery_points{result}',
    'odoo_nothing',
  ])
  expect(rules.flatMap(({ expr }) => unknownIn(expr))).toEqual([])
})

it.each(dashboardFiles)('dashboard %s names only metrics and labels that exist', (file) => {
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
  const queries = dashboard.templating.list.map(({ query }) =>
    typeof query === 'string' ? query : query.query,
  )
  const expressions = dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr))
  expect(expressions.length).toBeGreaterThan(10)
  expect([...queries, ...expressions].flatMap(unknownIn)).toEqual([])
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  // Grafana moves panels that lie on each other: what was meant is then not what is seen.
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})

it('the chart ships neither by itself, and both when asked', async () => {
  const { helm } = await ensureTools()
  const shipped = async (...values: readonly string[]) => {
    const text = await run(
      helm,
      'template',
      'tenantops',
      chart,
      '-n',
      'tenantops-system',
      ...values.flatMap((v) => ['--set', v]),
    )
    return parseAllDocuments(text)
      .map(
        (document) =>
          document.toJS() as { kind: string; spec: RuleFile; data: Record<string, string> } | null,
      )
      .filter((object) => object?.kind === 'PrometheusRule' || object?.kind === 'ConfigMap')
  }
  expect(await shipped()).toEqual([])
  const [boards, rule] = await shipped('prometheus.rules=true', 'grafana.dashboards=true')
  expect(rule?.spec).toEqual(read<RuleFile>(rulesFile))
  expect(Object.keys(boards?.data ?? {})).toEqual(['recovery-fleet.json', 'recovery-tenant.json'])
  for (const file of dashboardFiles)
    expect(JSON.parse(boards?.data[file.split('/').at(-1) ?? ''] ?? '')).toEqual(
      JSON.parse(readFileSync(file, 'utf8')),
    )
})
