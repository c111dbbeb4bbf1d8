/**
 * The Job that brings a point into the database and the directory made for it, and what it is given: a Secret and a way
 * through the namespace's network policy, both owned by it. Pure. It is made held back, and let go once it has all that;
 * no secret is in its arguments. Shares its shape with the Jobs that make points (backup/manifests).
 */
import { type PointSource, pointPaths, type RestoreSpec } from '../../agent/recovery-point.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { storeRule, toPostgres } from '../../backup/manifests/network-policy.ts'
import { besidePodsOf, resourcesOf, secretFiles, storeFiles } from '../../backup/manifests/point-job.ts'
import { ownedBy } from '../../backup/manifests/point-object.ts'
import { type PointSecretContent, secretKeys } from '../../backup/manifests/point-secret.ts'
import type { DataPlace, JobPlace } from '../../backup/observation.ts'
import { repositoryOf } from '../../backup/repository.ts'
import { launcherFile } from '../../odoo/launcher.ts'
import { neutraliseCommand } from '../../odoo/neutralise.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import { annotationKeys, labelKeys, tenantLabels } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { pointJobName, runtimeNames } from '../../tenant/names.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = 12 * 3600
/** A pod that was killed, or met a server that was away, begins anew; one whose node is drained is not even counted. */
const RETRIES = 2
/** One that failed stays for its log, and goes by itself. */
const KEPT_SECONDS = 24 * 3600
/** uid of the user odoo in the images: the files are his. */
const ODOO_USER = 101
/** The agent's exit code for a Job that is wrong: trying again cannot help. */
const WRONG_JOB = 2
/** Key of the Secret, and label of the pods. */
const repositoryKey = 'repository-key'
const component = { 'app.kubernetes.io/component': 'restore' }

export interface RestoreJobRequest {
  readonly restore: TenantRestore
  readonly id: string
  readonly tenant: OdooTenant
  readonly source: { readonly namespace: string; readonly name: string }
  readonly point: PointSource
  readonly policy: BackupPolicy
  readonly place: Extract<DataPlace, { kind: 'ready' }>
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
}

export function restoreLabels(tenant: OdooTenant, restore: TenantRestore): Readonly<Record<string, string>> {
  return {
    ...tenantLabels(tenant.metadata),
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.restore]: restore.metadata.name,
  }
}

export function restoreJob(request: RestoreJobRequest): Manifest {
  const { restore, tenant, place, policy } = request
  const { scheduling, storage, postgres } = place.class.spec
  const labels = restoreLabels(tenant, restore)
  const name = pointJobName('restore', restore.metadata.name)
  const onOneNode = (storage?.accessMode ?? 'ReadWriteOnce') === 'ReadWriteOnce'
  const { sslMode = 'verify-full' } = postgres
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  const projected = (...sources: readonly object[]) => ({ projected: { defaultMode: 0o440, sources } })
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: place.namespace,
      labels,
      annotations: { [annotationKeys.restoreUid]: restore.metadata.uid },
    },
    spec: {
      suspend: true,
      backoffLimit: RETRIES,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: 'agent', operator: 'In', values: [WRONG_JOB] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels: { ...labels, ...component } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 30,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(scheduling?.nodeSelector ? { nodeSelector: scheduling.nodeSelector } : {}),
          ...(scheduling?.tolerations ? { tolerations: scheduling.tolerations } : {}),
          ...(onOneNode ? { affinity: besidePodsOf(tenant.metadata.uid) } : {}),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: ODOO_USER,
            runAsGroup: ODOO_USER,
            fsGroup: ODOO_USER,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...containersOf(request),
          volumes: [
            {
              name: 'keys',
              ...projected(secretFiles(name, { [repositoryKey]: 'key', [secretKeys.escrow]: 'escrow' })),
            },
            { name: 'store', ...projected(secretFiles(name, storeFiles(policy))) },
            {
              name: 'database',
              ...projected(
                secretFiles(runtimeNames.databaseSecret, { password: 'password' }),
                ...(verified ? [secretFiles(runtimeNames.configSecret, { 'ca.crt': 'ca.crt' })] : []),
              ),
            },
            { name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } },
            ...(neutraliseOf(request) ? [config] : []),
            { name: 'scratch', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  }
}

const config = { name: 'config', secret: { secretName: runtimeNames.configSecret, defaultMode: 0o440 } }

const confined = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

/**
 * One container restores and judges. Where Odoo has a way of its own to neutralise a copy, it comes next, with the
 * tenant's image, and the agent looks last.
 */
function containersOf(request: RestoreJobRequest): object {
  const { place, agentImage } = request
  const spec = specOf(request)
  const agent = (name: string, ...command: readonly string[]) => ({
    name,
    image: agentImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '/app/agent.mjs', ...command],
    env: [{ name: 'HOME', value: '/tmp' }],
    securityContext: confined,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: resourcesOf(place),
    volumeMounts: [
      { name: 'keys', mountPath: pointPaths.keys, readOnly: true },
      { name: 'store', mountPath: pointPaths.store, readOnly: true },
      { name: 'database', mountPath: pointPaths.database, readOnly: true },
      { name: 'filestore', mountPath: pointPaths.data },
      { name: 'scratch', mountPath: pointPaths.scratch },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  })
  const neutralise = neutraliseOf(request)
  if (neutralise === undefined) return { containers: [agent('agent', 'restore-point', JSON.stringify(spec))] }
  const odoo = {
    name: 'odoo',
    image: place.version.image,
    imagePullPolicy: 'IfNotPresent',
    command: neutralise,
    env: [
      { name: 'HOME', value: '/tmp' },
      { name: 'PGSSLROOTCERT', value: '/etc/odoo/ca.crt' },
      { name: 'PYTHONDONTWRITEBYTECODE', value: '1' },
    ],
    securityContext: confined,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: resourcesOf(place),
    volumeMounts: [
      { name: 'config', mountPath: '/etc/odoo', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
  const look = JSON.stringify({ database: spec.database })
  return {
    initContainers: [agent('restore', 'restore-point', JSON.stringify(spec)), odoo],
    containers: [agent('agent', 'verify-neutralised', look)],
  }
}

/** odoo.conf names the tenant's own database: the copy is named here. */
function neutraliseOf({ restore, place, id }: RestoreJobRequest): readonly string[] | undefined {
  if (restore.spec.purpose !== 'Clone') return undefined
  const command = neutraliseCommand({
    series: place.version.series,
    configPath: '/etc/odoo/odoo.conf',
    launcherPath: `/etc/odoo/${launcherFile}`,
  })
  return command && [...command, '-d', restoreNames(place.names, id).restored]
}

function specOf({ restore, id, source, point, policy, place }: RestoreJobRequest): RestoreSpec {
  const { host, port = 5432, sslMode = 'verify-full' } = place.class.spec.postgres
  return {
    restore: restore.metadata.name,
    repository: repositoryOf(policy, source),
    source: point,
    database: { ...place.names, database: restoreNames(place.names, id).restored, host, port, sslMode },
    series: place.version.series,
    neutralise: restore.spec.purpose === 'Clone',
  }
}

export function restoreSecret(
  { restore, tenant }: Pick<RestoreJobRequest, 'restore' | 'tenant'>,
  job: JobPlace,
  content: PointSecretContent,
  key: string,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: restoreLabels(tenant, restore),
      ownerReferences: [ownedBy(job)],
    },
    stringData: { ...content, [repositoryKey]: key },
  }
}

/** Names, the tenant's PostgreSQL server, and the store; nothing comes in. */
export function restoreNetworkPolicy(
  { restore, tenant, policy, place }: Pick<RestoreJobRequest, 'restore' | 'tenant' | 'policy' | 'place'>,
  job: JobPlace,
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: restoreLabels(tenant, restore),
      ownerReferences: [ownedBy(job)],
    },
    spec: {
      podSelector: { matchLabels: { [labelKeys.restore]: restore.metadata.name, ...component } },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        toPostgres(place.class),
        storeRule(policy),
      ],
    },
  }
}
