/**
 * `plan NAME` and `plan -f FILE`: what the operator would do for a tenant, and nothing done. Run it where the operator
 * runs, for the tenant's PostgreSQL server must be reachable:
 *
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops plan -n acme shop1
 *     kubectl -n tenantops-system exec -i deploy/tenantops -- tenantops plan -f - < tenant.yaml
 *
 * The manifest of a tenant that is there replaces its spec in a dry run of the API server, so it is defaulted and
 * refused as `kubectl apply` would; that of a new one is read by the schema alone, for the operator may create none.
 * Exit codes: 0 nothing to do, 1 the command failed, 2 there are steps, 3 refused or waiting.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { type OdooTenant, odooTenantKind } from './api/v1alpha1/odoo-tenant.ts'
import { loadCharts } from './charts.ts'
import type { Config } from './config.ts'
import { releaseClient } from './helm/release-client.ts'
import type { KubeClient } from './kube/client.ts'
import { createClient } from './kube/http-client.ts'
import { apiVersionOf, kinds } from './kube/kinds.ts'
import { type KubeObject, keyOf } from './kube/object.ts'
import { openTransport } from './kube/transport.ts'
import { PostgresServers } from './postgres/servers.ts'
import { systemClock } from './runtime/clock.ts'
import { fenced } from './runtime/fence.ts'
import { silent } from './runtime/log.ts'
import { Manager } from './runtime/manager.ts'
import { createMetrics } from './runtime/metrics.ts'
import type { Outside } from './start.ts'
import { type Caches, declareCaches } from './tenant/caches.ts'
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
          ? [
              liveTenant(
                caches.tenants.get(keyOf({ namespace, name: question.name ?? '' })),
                namespace,
                question,
              ),
            ]
          : await Promise.all(
              readTenants(question.file).map((manifest) =>
                asApplied(client, caches.tenants, {
                  ...manifest,
                  metadata: { ...manifest.metadata, namespace: manifest.metadata.namespace ?? namespace },
                }),
              ),
            )
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

function liveTenant(tenant: OdooTenant | undefined, namespace: string, { name }: Question): OdooTenant {
  if (tenant) return tenant
  throw new Error(
    `OdooTenant ${namespace}/${name} does not exist; name another, or give a manifest with -f (\`kubectl get odootenants -A\` lists what is there)`,
  )
}

/** The OdooTenants of a file; other kinds in it are left out, since they would be applied by others. */
function readTenants(file: string): readonly KubeObject[] {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8')
  const objects = parseAllDocuments(text).map((document): unknown => {
    const [error] = document.errors
    if (error) throw new Error(`${file} is not YAML: ${error.message.split('\n')[0]}`)
    return document.toJS()
  })
  const tenants = objects.filter(isTenant)
  if (tenants.length === 0)
    throw new Error(`${file} holds no object of kind OdooTenant (${apiVersionOf(kinds.OdooTenant)})`)
  return tenants
}

function isTenant(object: unknown): object is KubeObject {
  const { apiVersion, kind } = (object ?? {}) as Partial<KubeObject>
  return kind === kinds.OdooTenant.kind && apiVersion === apiVersionOf(kinds.OdooTenant)
}

/** The tenant as it would be stored. */
async function asApplied(
  client: KubeClient,
  tenants: Pick<Caches['tenants'], 'get'>,
  manifest: KubeObject & { readonly spec?: unknown },
): Promise<OdooTenant> {
  const { apiVersion, kind, metadata, spec } = manifest
  const { name, namespace = '' } = metadata
  if (tenants.get(keyOf(metadata))) {
    const body = [
      { op: 'replace', path: '/spec', value: spec },
      ...(metadata.annotations
        ? [{ op: 'add', path: '/metadata/annotations', value: metadata.annotations }]
        : []),
    ]
    return client.patch(kinds.OdooTenant, { namespace, name }, { type: 'json', body }, { dryRun: true })
  }
  const read = odooTenantKind.spec.safeParse(spec)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Error(`OdooTenant ${namespace}/${name}: spec.${issue?.path.join('.')}: ${issue?.message}`)
  }
  const stored = {
    name,
    namespace,
    uid: randomUUID(),
    generation: 1,
    resourceVersion: '',
    creationTimestamp: '',
  }
  return { apiVersion, kind, metadata: { ...metadata, ...stored }, spec: read.data } as OdooTenant
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
