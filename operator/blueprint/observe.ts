/** Gathers the facts of a blueprint's templates: Jobs and pods from the caches, databases from PostgreSQL. */
import type { TemplateResult } from '../agent/contract.ts'
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { PostgresError } from '../postgres/errors.ts'
import type { PostgresServers } from '../postgres/servers.ts'
import type { Caches } from '../tenant/caches.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import { podProblem } from '../tenant/workload.ts'
import type {
  BlueprintObservation,
  JobFacts,
  LeftoverTemplate,
  TemplateRow,
  TemplateState,
  WantedTemplate,
} from './observation.ts'
import { templateFor, templateJobName } from './template.ts'

export interface BlueprintWorld {
  readonly caches: Caches
  readonly servers: PostgresServers
  readonly operatorNamespace: string
}

export async function observeBlueprint(
  world: BlueprintWorld,
  blueprint: Blueprint,
): Promise<BlueprintObservation> {
  const classes = onePerServer(world.caches.classes.list())
  const wanted = blueprint.metadata.deletionTimestamp ? [] : wantedTemplates(world, blueprint, classes)
  const rows: TemplateRow[] = []
  for (const template of wanted) rows.push({ wanted: template, state: await stateOf(world, template) })
  return { blueprint, rows, leftovers: await leftoversOf(world, blueprint, classes, wanted) }
}

/** Classes that name the same server share its templates; the first by name stands for them. */
function onePerServer(classes: readonly TenantClass[]): readonly TenantClass[] {
  const seen = new Map<string, TenantClass>()
  for (const each of [...classes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const { host, port = 5432 } = each.spec.postgres
    const server = `${host}:${port}`
    if (!seen.has(server)) seen.set(server, each)
  }
  return [...seen.values()]
}

function wantedTemplates(
  world: BlueprintWorld,
  blueprint: Blueprint,
  classes: readonly TenantClass[],
): readonly WantedTemplate[] {
  const wanted = new Map<string, WantedTemplate>()
  for (const channel of world.caches.channels.list()) {
    const version = channel.spec.versions.find((v) => v.name === channel.spec.current)
    if (!version) continue
    const identity = templateFor(blueprint, version)
    for (const each of classes) {
      const job = templateJobName(identity, each)
      wanted.set(job, { ...identity, class: each, version: version.name, job })
    }
  }
  return [...wanted.values()]
}

async function stateOf(world: BlueprintWorld, wanted: WantedTemplate): Promise<TemplateState> {
  try {
    const { server, facts } = await world.servers.of(wanted.class)
    const refused = facts.problems.find((p) => p.weight === 'refuse')
    if (refused) return { kind: 'unavailable', problem: refused.sentence }
    return {
      kind: 'read',
      database: await server.templateFacts(wanted.database),
      job: jobFacts(world, wanted.job),
    }
  } catch (error) {
    return { kind: 'unavailable', problem: await problemOf(world, wanted.class, error) }
  }
}

async function problemOf(world: BlueprintWorld, tenantClass: TenantClass, error: unknown): Promise<string> {
  if (!(error instanceof PostgresError)) throw error
  await world.servers.blame(tenantClass.metadata.name, error)
  return error.message
}

function jobFacts({ caches, operatorNamespace }: BlueprintWorld, name: string): JobFacts {
  const job = caches.jobs.get(`${operatorNamespace}/${name}`)
  if (!job) return { kind: 'absent' }
  if (job.metadata.deletionTimestamp) return { kind: 'leaving' }
  const pods = caches.pods
    .list()
    .filter((pod) => pod.metadata.labels?.['batch.kubernetes.io/job-name'] === name)
  const conditions = job.status?.conditions ?? []
  if (conditions.some((c) => c.type === 'Complete' && c.status === 'True')) {
    const message = pods
      .flatMap((pod) => pod.status?.containerStatuses ?? [])
      .find((c) => c.state?.terminated?.exitCode === 0)?.state?.terminated?.message
    const result = parseResult(message)
    if (result) return { kind: 'ended', result }
    return {
      kind: 'failed',
      problem: `Job ${name} ended without a result`,
      at: Date.parse(job.metadata.creationTimestamp ?? '') || 0,
    }
  }
  const failed = conditions.find((c) => c.type === 'Failed' && c.status === 'True')
  if (failed) {
    const said = pods
      .flatMap((pod) => [
        ...(pod.status?.initContainerStatuses ?? []),
        ...(pod.status?.containerStatuses ?? []),
      ])
      .find((c) => (c.state?.terminated?.exitCode ?? 0) !== 0)
    const last = said?.state?.terminated?.message?.trim().split('\n').at(-1)?.slice(0, 400)
    return {
      kind: 'failed',
      problem: `Job ${name} failed${said ? ` in container ${said.name}` : ''}: ${last ?? failed.message ?? 'no reason given'}`,
      at: Date.parse(failed.lastTransitionTime ?? '') || 0,
    }
  }
  return { kind: 'running', problem: podProblem(pods) }
}

function parseResult(message: string | undefined): TemplateResult | undefined {
  if (message === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(message)
    return typeof parsed === 'object' && parsed !== null && 'ok' in parsed
      ? (parsed as TemplateResult)
      : undefined
  } catch {
    return undefined
  }
}

/** Sealed templates of this blueprint, and Jobs for it, that no channel asks for any more. */
async function leftoversOf(
  world: BlueprintWorld,
  blueprint: Blueprint,
  classes: readonly TenantClass[],
  wanted: readonly WantedTemplate[],
): Promise<readonly LeftoverTemplate[]> {
  const { name } = blueprint.metadata
  const leftovers = new Map<string, LeftoverTemplate>()
  for (const each of classes) {
    const wantedHere = new Set(wanted.filter((w) => w.class === each).map((w) => w.database))
    const add = (database: string) => {
      if (!wantedHere.has(database))
        leftovers.set(`${each.metadata.name}/${database}`, {
          class: each,
          database,
          job: templateJobName({ database }, each),
        })
    }
    for (const job of world.caches.jobs.list()) {
      const labels = job.metadata.labels ?? {}
      const database = labels[labelKeys.template]
      if (
        !job.metadata.deletionTimestamp &&
        labels[labelKeys.blueprint] === name &&
        database &&
        job.metadata.name === templateJobName({ database }, each)
      )
        add(database)
    }
    try {
      const { server } = await world.servers.of(each)
      for (const template of await server.listTemplates())
        if (template.mark?.blueprint === name) add(template.name)
    } catch (error) {
      // A blueprint that goes keeps its finalizer until every server was asked what it left there.
      if (blueprint.metadata.deletionTimestamp) throw error
      await problemOf(world, each, error)
    }
  }
  return [...leftovers.values()]
}
