/**
 * `plan NAME` and `plan -f FILE`: what the operator would do for a tenant, and nothing done. Run it where the operator
 * runs, for the tenant's PostgreSQL server must be reachable:
 *
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops plan -n acme shop1
 *     kubectl -n tenantops-system exec -i deploy/tenantops -- tenantops plan -f - < tenant.yaml
 *
 * Exit codes: 0 nothing to do, 1 the command failed, 2 there are steps, 3 refused or waiting.
 */
import { parseArgs } from 'node:util'
import type { OdooTenant } from './api/v1alpha1/odoo-tenant.ts'
import { loadCharts } from './charts.ts'
import type { Config } from './config.ts'
import type { Outside } from './controllers.ts'
import { releaseClient } from './helm/release-client.ts'
import { createClient } from './kube/http-client.ts'
import { openTransport } from './kube/transport.ts'
import { appliedTenants, liveTenant } from './plan-tenants.ts'
import { PostgresServers } from './postgres/servers.ts'
import { systemClock } from './runtime/clock.ts'
import { fenced } from './runtime/fence.ts'
import { silent } from './runtime/log.ts'
import { Manager } from './runtime/manager.ts'
import { createMetrics } from './runtime/metrics.ts'
import { declareCaches } from './tenant/caches.ts'
import { isRouted } from './tenant/observe/front.ts'
import { observeTenant } from './tenant/observe.ts'
import { type Plan, planTenant } from './tenant/plan.ts'
import { planExitCode, printPlan } from './tenant/print-plan.ts'
import { worldOf } from './tenant/world.ts'

const usage =
  'usage: tenantops plan [-n NAMESPACE] NAME | tenantops plan [-n NAMESPACE] -f FILE (- is standard input) [-o text|json]'

/** Which tenants are asked about: a live one by name, or those of a manifest. */
interface Question {
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly file: string | undefined
  readonly output: 'text' | 'json'
}

interface Answer {
  readonly tenant: OdooTenant
  readonly plan: Plan
}

/** Prints the plans and resolves with the exit code. Throws an Error with one sentence. */
export async function planCommand(
  args: readonly string[],
  config: Config,
  outside: Outside,
  print: (text: string) => void,
): Promise<number> {
  const question = readQuestion(args)
  const transport = await openTransport()
  const client = createClient(transport)
  const manager = new Manager({
    client,
    clock: systemClock,
    random: Math.random,
    log: silent,
    metrics: createMetrics(),
  })
  // Whatever a driver might want to write is refused here.
  const reader = fenced(client, () => false)
  const servers = new PostgresServers({
    client: reader,
    namespace: config.namespace,
    connect: outside.connectPostgres,
  })
  const caches = declareCaches(manager, config.namespace)
  const world = worldOf({
    caches,
    servers,
    outage: () => undefined,
    askLogin: outside.askLogin,
    isRouted: (namespace) => isRouted(client, namespace),
    charts: await loadCharts(config.charts),
    operatorNamespace: config.namespace,
    now: () => systemClock.now(),
    records: releaseClient(reader),
    client: reader,
  })
  const found: { answers?: readonly Answer[]; error?: unknown } = {}
  const end = new AbortController()
  manager.onLeading(async () => {
    try {
      const namespace = question.namespace ?? transport.namespace ?? 'default'
      const tenants =
        question.file === undefined
          ? [liveTenant(caches.tenants, { namespace, name: question.name ?? '' })]
          : await appliedTenants(client, caches.tenants, question.file, namespace)
      found.answers = await Promise.all(
        tenants.map(async (tenant) => {
          const observation = await observeTenant(world, tenant)
          return { tenant, plan: planTenant(observation, systemClock.now()) }
        }),
      )
    } catch (error) {
      found.error = error
    } finally {
      end.abort()
    }
  })
  try {
    await manager.run(end.signal)
  } finally {
    await servers.close()
    await transport.close()
  }
  if (!found.answers) throw found.error
  print(question.output === 'json' ? asJson(found.answers) : asText(found.answers))
  return Math.max(...found.answers.map(({ plan }) => planExitCode(plan)))
}

function readQuestion(args: readonly string[]): Question {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n' },
      filename: { type: 'string', short: 'f' },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  })
  const { namespace, filename: file, output } = values
  const [name, ...more] = positionals
  if (
    (name === undefined) === (file === undefined) ||
    more.length > 0 ||
    (output !== 'text' && output !== 'json')
  )
    throw new Error(usage)
  return { namespace, name, file, output }
}

function asText(answers: readonly Answer[]): string {
  return answers.map(({ tenant, plan }) => printPlan(tenant, plan)).join('\n\n')
}

/** Steps hold no secret, so the plan can be shown as it is. */
function asJson(answers: readonly Answer[]): string {
  const plans = answers.map(({ tenant, plan }) => {
    const { namespace, name } = tenant.metadata
    return { tenant: { namespace, name }, ...plan }
  })
  return JSON.stringify(plans, null, 2)
}
