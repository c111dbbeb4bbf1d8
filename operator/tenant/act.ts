/**
 * The only writer: runs one step of a plan. Each step is idempotent, so a crash at any instruction costs a
 * repetition and nothing else. Passwords are read from their Secrets here and go nowhere but to PostgreSQL and into
 * other Secrets.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { revisionsOf } from '../helm/history.ts'
import type { ReleaseTools } from '../helm/release.ts'
import { deployRelease } from '../helm/release.ts'
import { uninstallRelease } from '../helm/uninstall.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { actOnServer } from '../postgres/ask-server.ts'
import type { PostgresServer } from '../postgres/server.ts'
import { copyCertificate } from './act/certificate.ts'
import { removeChangeJob, startChangeJob } from './act/change.ts'
import { actOnDatabase } from './act/database.ts'
import { createFinalBackup } from './act/final-backup.ts'
import { addFinalizer, removeFinalizer } from './act/finalizer.ts'
import { pointAwayFromFront, pointToFront } from './act/front.ts'
import {
  adoptNamespace,
  applyNamespace,
  createNamespace,
  deleteNamespace,
  labelRetained,
} from './act/namespace.ts'
import { repairDrift } from './act/repair.ts'
import { clearFormer, denyEgress, removeClearJob, startExchangeJob } from './act/restore.ts'
import {
  createAdminSecret,
  createDatabaseSecret,
  rotateAdminSecret,
  setAdminUrl,
  writeConfig,
} from './act/secrets.ts'
import { removeBackups, removeShredJob, startShredJob } from './act/shred.ts'
import { StepFailure } from './failure.ts'
import { runtimeNames } from './names.ts'
import type { Observation } from './observation.ts'
import { autoscaledOf } from './observe/drift.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

export interface Hands {
  readonly client: KubeClient
  readonly world: World
  readonly release: ReleaseTools
  /** Image of the operator, which carries the agent of Jobs. */
  readonly agentImage: string
  /** 24 random bytes or more as text fit for a password. */
  readonly password: () => string
  /** Salt for password hashes. */
  readonly salt: () => Buffer
}

/** What a step works with. */
export interface Task {
  readonly hands: Hands
  readonly observation: Observation
  readonly tenant: OdooTenant
  readonly signal: AbortSignal
  /** Made or read in this reconcile, by `namespace/name` of the Secret; forgotten with it. */
  readonly passwords: Map<string, string>
}

/** Runs `step`. Throws the drivers' typed errors or StepFailure. */
export async function actOnTenant(task: Task, step: Step): Promise<void> {
  const { hands, tenant } = task
  const { client } = hands
  switch (step.kind) {
    case 'add-finalizer':
      return addFinalizer(client, tenant)
    case 'remove-finalizer':
      return removeFinalizer(client, tenant)
    case 'create-namespace':
      return createNamespace(client, step.place)
    case 'apply-namespace':
      return applyNamespace(client, step)
    case 'label-retained':
      return labelRetained(client, step)
    case 'adopt-namespace':
      return adoptNamespace(client, tenant, step)
    case 'delete-namespace':
      return deleteNamespace(client, step.namespace)
    case 'create-admin-secret':
      return createAdminSecret(task, step)
    case 'rotate-admin-secret':
      return rotateAdminSecret(task, step)
    case 'set-admin-url':
      return setAdminUrl(task, step)
    case 'create-database-secret':
      return createDatabaseSecret(task, step)
    case 'write-config':
      return writeConfig(task, step)
    case 'copy-certificate':
      return copyCertificate(task, step)
    case 'deploy-release': {
      const chart = task.observation.chart
      if (!chart)
        throw new StepFailure(
          'ChartNotFound',
          'input',
          'the chart of this version is not carried by the operator',
        )
      await deployRelease(hands.release, {
        target: { release: step.release, namespace: step.namespace },
        chart,
        values: step.values,
        revisions: revisionsIn(task, step),
        drifted: new Set(step.drifted),
        autoscaled: autoscaledOf(hands.world.caches, tenant.metadata.uid),
        signal: task.signal,
      })
      return
    }
    case 'repair-release':
      return repairDrift(task, step)
    case 'uninstall-release':
      await uninstallRelease(hands.release, {
        target: { release: step.release, namespace: step.namespace },
        revisions: revisionsIn(task, step),
        signal: task.signal,
      })
      return
    case 'delete-deployments':
      for (const name of [runtimeNames.web, runtimeNames.cron])
        await client.delete(kinds.Deployment, { namespace: step.namespace, name })
      return
    case 'point-to-front':
      return pointToFront(client, step)
    case 'point-away-from-front':
      return pointAwayFromFront(client, step)
    case 'start-change-job':
      return startChangeJob(task, step)
    case 'remove-change-job':
      return removeChangeJob(task, step)
    case 'deny-egress':
      return denyEgress(task)
    case 'start-exchange-job':
      return startExchangeJob(task, step)
    case 'clear-former':
      return clearFormer(task, step)
    case 'remove-clear-job':
      return removeClearJob(task, step)
    case 'create-final-backup':
      return createFinalBackup(client, tenant, step)
    case 'start-shred-job':
      return startShredJob(task)
    case 'remove-backups':
      return removeBackups(task, step)
    case 'remove-shred-job':
      return removeShredJob(task)
    case 'ensure-roles':
    case 'set-login-password':
    case 'clone-database':
    case 'hand-over':
    case 'set-admin-password':
    case 'apply-settings':
    case 'apply-brand':
    case 'begin-change':
    case 'settle-change':
    case 'undo-change':
    case 'forget-failure':
    case 'drop-copies':
    case 'exchange-database':
    case 'abandon-exchange':
    case 'drop-former':
    case 'retain-database':
    case 'unseal-database':
    case 'drop-database':
      return onServer(task, (server) => actOnDatabase(task, server, step))
  }
}

function revisionsIn(task: Task, step: { readonly release: string; readonly namespace: string }) {
  return revisionsOf(task.hands.world.caches.releases.by('namespace', step.namespace), step.release)
}

async function onServer(task: Task, act: (server: PostgresServer) => Promise<void>): Promise<void> {
  const tenantClass = task.observation.settings.class
  if (!tenantClass)
    throw new StepFailure(
      'TenantClassNotFound',
      'input',
      `TenantClass ${task.tenant.spec.class} does not exist; create it`,
    )
  await actOnServer(task.hands.world.servers, tenantClass, act)
}
