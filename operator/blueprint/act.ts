/** The only writer of blueprints' templates: runs one step. Every step can be repeated after a crash. */
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { KubeClient } from '../kube/client.ts'
import { ConflictError, NotFoundError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import type { SecretObject } from '../kube/object.ts'
import { odooConfig } from '../odoo/config.ts'
import { launcherFile, launcherSource } from '../odoo/launcher.ts'
import type { ReachedServer } from '../postgres/servers.ts'
import { templateJob, templateLabels } from './manifests/template-job.ts'
import type { WantedTemplate } from './observation.ts'
import type { BlueprintWorld } from './observe.ts'
import { type BlueprintStep, FINALIZER } from './plan.ts'

export interface BlueprintHands {
  readonly client: KubeClient
  readonly world: BlueprintWorld
  readonly agentImage: string
  readonly password: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export async function actOnBlueprint(
  hands: BlueprintHands,
  blueprint: Blueprint,
  step: BlueprintStep,
): Promise<void> {
  const { client, world } = hands
  switch (step.kind) {
    case 'add-finalizer':
      return setFinalizers(client, blueprint, [...(blueprint.metadata.finalizers ?? []), FINALIZER])
    case 'remove-finalizer':
      return setFinalizers(
        client,
        blueprint,
        (blueprint.metadata.finalizers ?? []).filter((f) => f !== FINALIZER),
      )
    case 'build':
      return onServer(world, step.wanted.class, (reached) => build(hands, blueprint, step.wanted, reached))
    case 'seal': {
      const { digest, content, database } = step.wanted
      const built = new Date(hands.now()).toISOString()
      return onServer(world, step.wanted.class, ({ server }) =>
        server.sealTemplate(database, {
          kind: 'template',
          digest,
          blueprint: blueprint.metadata.name,
          series: content.series,
          built,
          modules: step.modules,
        }),
      )
    }
    case 'remove-job':
      return removeJob(hands, step.job)
    case 'drop': {
      const { job, class: tenantClass, database } = step.leftover
      // A template that is not sealed yet is found by its Job alone, whose pod cannot log in any more.
      await onServer(world, tenantClass, ({ server }) => server.dropTemplate(database))
      return removeJob(hands, job)
    }
  }
}

async function onServer(
  { servers }: BlueprintWorld,
  tenantClass: TenantClass,
  act: (reached: ReachedServer) => Promise<void>,
): Promise<void> {
  try {
    await act(await servers.of(tenantClass))
  } catch (error) {
    await servers.blame(tenantClass.metadata.name, error)
    throw error
  }
}

/** Secret first (it holds the password), then the empty database, then the Job that fills it. */
async function build(
  hands: BlueprintHands,
  blueprint: Blueprint,
  wanted: WantedTemplate,
  { server, ca }: ReachedServer,
): Promise<void> {
  const { client, world } = hands
  const password = await ensureSecret(hands, blueprint, wanted, ca)
  await server.createTemplateDatabase(wanted.database, password)
  const namespace = world.operatorNamespace
  await client.apply(
    kinds.Job,
    templateJob({
      wanted,
      blueprint: blueprint.metadata.name,
      namespace,
      agentImage: hands.agentImage,
      verified: ca !== undefined,
    }),
  )
}

async function ensureSecret(
  hands: BlueprintHands,
  blueprint: Blueprint,
  wanted: WantedTemplate,
  ca: string | undefined,
): Promise<string> {
  const { client, world } = hands
  const ref = { namespace: world.operatorNamespace, name: wanted.job }
  const password = hands.password()
  try {
    await client.create(kinds.Secret, templateSecret(hands, blueprint, wanted, password, ca))
    return password
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
  }
  const held = await client.get<SecretObject>(kinds.Secret, ref)
  const kept = held?.data?.password
  if (kept === undefined)
    throw new Error(
      `Secret ${ref.namespace}/${ref.name} has no key password; delete it and the operator makes a new one`,
    )
  return Buffer.from(kept, 'base64').toString('utf8')
}

function templateSecret(
  hands: BlueprintHands,
  blueprint: Blueprint,
  wanted: WantedTemplate,
  password: string,
  ca: string | undefined,
) {
  const { content, database } = wanted
  const { host, port = 5432, sslMode = 'verify-full' } = wanted.class.spec.postgres
  const spec = {
    blueprint: blueprint.metadata.name,
    ...content,
    database,
    demo: false,
    postgres: { host, port, sslMode },
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: wanted.job,
      namespace: hands.world.operatorNamespace,
      labels: templateLabels(blueprint.metadata.name, database),
    },
    stringData: {
      password,
      ...(ca === undefined ? {} : { 'ca.crt': ca }),
      'template.json': JSON.stringify(spec),
      [launcherFile]: launcherSource,
      'odoo.conf': odooConfig({
        series: content.series,
        dbHost: host,
        dbPort: port,
        dbUser: database,
        dbPassword: password,
        dbName: database,
        dbSslMode: sslMode,
        dbMaxConn: 8,
        adminPasswd: hands.password(),
        workers: 0,
        maxCronThreads: 0,
      }),
    },
  }
}

/** The Job last: as long as it is there, whoever comes after a kill knows that something is left to be removed. */
async function removeJob(hands: BlueprintHands, name: string): Promise<void> {
  const ref = { namespace: hands.world.operatorNamespace, name }
  await hands.client.delete(kinds.Secret, ref)
  await hands.client.delete(kinds.Job, ref, { propagation: 'Background' })
}

async function setFinalizers(
  client: KubeClient,
  blueprint: Blueprint,
  finalizers: readonly string[],
): Promise<void> {
  const { name, resourceVersion } = blueprint.metadata
  try {
    await client.patch(
      kinds.Blueprint,
      { name },
      { type: 'merge', body: { metadata: { finalizers, resourceVersion } } },
    )
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
  }
}
