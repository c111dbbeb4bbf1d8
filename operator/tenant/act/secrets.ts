/**
 * Writes the three Secrets of a tenant. Generated passwords are made once, by POST: a Secret that is there already
 * keeps its password, whoever was first.
 */
import { ConflictError } from '../../kube/errors.ts'
import { kinds } from '../../kube/kinds.ts'
import { keyOf, type SecretObject } from '../../kube/object.ts'
import { odooConfig } from '../../odoo/config.ts'
import { launcherFile, launcherSource } from '../../odoo/launcher.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { annotationKeys, tenantLabels } from '../manifests/labels.ts'
import type { Manifest } from '../manifests/manifest.ts'
import { runtimeNames } from '../names.ts'
import type { Step } from '../step.ts'

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>

export async function createAdminSecret(task: Task, step: StepOf<'create-admin-secret'>): Promise<void> {
  const namespace = task.tenant.metadata.namespace ?? ''
  const manifest = secret(task, namespace, step.name, {
    [annotationKeys.serial]: step.serial,
    [annotationKeys.digest]: step.digest,
    ...(step.rotation === undefined ? {} : { [annotationKeys.rotation]: step.rotation }),
  })
  await createOnce(task, manifest, { login: step.login, url: step.url })
}

/**
 * Password, serial and what they answer in one write, and only over the Secret as the cache knows it: a cache that lags
 * behind must not lead to a second password.
 */
export async function rotateAdminSecret(task: Task, step: StepOf<'rotate-admin-secret'>): Promise<void> {
  const ref = { namespace: task.tenant.metadata.namespace ?? '', name: step.name }
  const known = task.hands.world.caches.secrets.get(keyOf(ref))
  if (known?.metadata.annotations?.[annotationKeys.rotation] === step.rotation) return
  const password = task.hands.password()
  const metadata = {
    resourceVersion: known?.metadata.resourceVersion,
    annotations: { [annotationKeys.serial]: step.serial, [annotationKeys.rotation]: step.rotation },
  }
  await task.hands.client.patch(kinds.Secret, ref, {
    type: 'merge',
    body: { metadata, stringData: { password } },
  })
  task.passwords.set(keyOf(ref), password)
}

/** Only the address: the password stays, whoever wrote it. */
export async function setAdminUrl(task: Task, step: StepOf<'set-admin-url'>): Promise<void> {
  const ref = { namespace: task.tenant.metadata.namespace ?? '', name: step.name }
  const metadata = { annotations: { [annotationKeys.digest]: step.digest } }
  await task.hands.client.patch(kinds.Secret, ref, {
    type: 'merge',
    body: { metadata, stringData: { url: step.url } },
  })
}

export async function createDatabaseSecret(
  task: Task,
  step: StepOf<'create-database-secret'>,
): Promise<void> {
  const manifest = secret(task, step.namespace, step.name, { [annotationKeys.serial]: step.serial })
  await createOnce(task, manifest, { username: step.username })
}

/** odoo.conf and the launcher beside it, from the settings and the password in `odoo-database`. */
export async function writeConfig(task: Task, step: StepOf<'write-config'>): Promise<void> {
  const { settings } = step
  const ca = await certificateOf(task)
  const text = odooConfig({
    series: settings.series,
    dbHost: settings.host,
    dbPort: settings.port,
    dbUser: settings.user,
    dbPassword: await readPassword(task, { namespace: step.namespace, name: runtimeNames.databaseSecret }),
    dbName: settings.database,
    dbSslMode: settings.sslMode,
    dbMaxConn: settings.maxConnections,
    adminPasswd: task.hands.password(),
    workers: settings.workers,
    maxCronThreads: 0,
  })
  await task.hands.client.apply(kinds.Secret, {
    ...secret(task, step.namespace, runtimeNames.configSecret, { [annotationKeys.digest]: step.digest }),
    stringData: {
      'odoo.conf': text,
      [launcherFile]: launcherSource,
      ...(ca === undefined ? {} : { 'ca.crt': ca }),
    },
  })
}

/** CA by which the tenant's pods verify PostgreSQL, when the class asks for that. */
async function certificateOf(task: Task): Promise<string | undefined> {
  const tenantClass = task.observation.settings.class
  return tenantClass && (await task.hands.world.servers.of(tenantClass)).ca
}

/** The password in a Secret of this tenant. */
export async function readPassword(task: Task, ref: { namespace: string; name: string }): Promise<string> {
  const known = task.passwords.get(keyOf(ref))
  if (known !== undefined) return known
  const found = await task.hands.client.get<SecretObject>(kinds.Secret, ref)
  const value = found?.data?.password
  if (value === undefined) {
    throw new StepFailure(
      'SecretIncomplete',
      'later',
      `Secret ${ref.namespace}/${ref.name} has no key password; delete the Secret and the operator makes a new one`,
    )
  }
  const password = Buffer.from(value, 'base64').toString('utf8')
  task.passwords.set(keyOf(ref), password)
  return password
}

function secret(task: Task, namespace: string, name: string, annotations: Record<string, string>): Manifest {
  const { metadata, apiVersion, kind } = task.tenant
  // A Secret beside the custom resource goes with it; in the runtime namespace an owner reference could not reach.
  const beside = namespace === metadata.namespace
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name,
      namespace,
      labels: tenantLabels({ namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid }),
      annotations,
      ...(beside
        ? {
            ownerReferences: [
              {
                apiVersion,
                kind,
                name: metadata.name,
                uid: metadata.uid,
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          }
        : {}),
    },
  }
}

/** The Secret with a new password beside `words`, unless it is there already. */
async function createOnce(
  task: Task,
  manifest: Manifest,
  words: Readonly<Record<string, string>>,
): Promise<void> {
  const { client } = task.hands
  const { namespace, name } = manifest.metadata
  const password = task.hands.password()
  try {
    await client.create(kinds.Secret, { ...manifest, stringData: { ...words, password } })
    task.passwords.set(keyOf(manifest.metadata), password)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    const held = await client.get(kinds.Secret, { namespace, name })
    if (held?.metadata.labels?.['tenantops.io/tenant-uid'] === task.tenant.metadata.uid) return
    throw new StepFailure(
      'SecretTaken',
      'later',
      `Secret ${namespace}/${name} exists and is not this tenant's; rename or delete it`,
      error,
    )
  }
}
