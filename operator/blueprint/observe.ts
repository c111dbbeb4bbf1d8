/** Gathers the facts of a blueprint's templates: Jobs and pods from the caches, databases from PostgreSQL. */
import type { TemplateResult } from '../agent/contract.ts'
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { askServer, type Reach } from '../postgres/ask-server.ts'
import type { PostgresServers } from '../postgres/servers.ts'
import type { Caches } from '../tenant/caches.ts'
import { StepFailure } from '../tenant/failure.ts'
import { jobState } from '../tenant/job-state.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import type { PodObject } from '../tenant/workload.ts'
import type {
  BlueprintObservation,
  JobFacts,
  LeftoverTemplate,
  TemplateRow,
  TemplateState,
  WantedTemplate,
} from './observation.ts'
import { templateFor, templateJobName } from './template.ts'

export interface BlueprintWorld extends Reach {
  readonly caches: Caches
  readonly servers: PostgresServers
  readonly operatorNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
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
  return askServer(world, wanted.class, async ({ server, facts }): Promise<TemplateState> => {
    const refused = facts.problems.find((p) => p.weight === 'refuse')
    if (refused) return { kind: 'unavailable', problem: refused.sentence }
    const database = await server.templateFacts(wanted.database)
    return { kind: 'read', database, job: jobFacts(world, wanted.job) }
  })
}

function jobFacts({ caches, operatorNamespace, now }: BlueprintWorld, name: string): JobFacts {
  const job = caches.jobs.get(`${operatorNamespace}/${name}`)
  if (!job) return { kind: 'absent' }
  const ofJob = (pod: PodObject) => pod.metadata.labels?.['batch.kubernetes.io/job-name'] === name
  return jobState<TemplateResult>(job, caches.pods.list().filter(ofJob), now())
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
    const asked = await askServer(world, each, async ({ server }) => {
      const templates = await server.listTemplates()
      return { kind: 'answered' as const, templates }
    })
    if (asked.kind === 'answered') {
      for (const template of asked.templates) if (template.mark?.blueprint === name) add(template.name)
    } else if (blueprint.metadata.deletionTimestamp) {
      // A blueprint that goes keeps its finalizer until every server was asked what it left there.
      throw new StepFailure('DatabaseUnavailable', 'later', asked.problem)
    }
  }
  return [...leftovers.values()]
}
