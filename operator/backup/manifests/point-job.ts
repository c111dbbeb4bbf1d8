/**
 * The Job that makes a recovery point, and the one that removes it: the agent of the operator's image in the tenant's
 * runtime namespace, beside the volume. Pure. Restricted like every pod there; reads the files and never writes them;
 * asks for little CPU, so that Odoo comes first where both want it. Made held back: what it mounts is its own, and so
 * can be made only once it has a uid.
 */
import { type BackUpSpec, type ForgetSpec, pointPaths } from '../../agent/recovery-point.ts'
import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { annotationKeys, labelKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { podResources } from '../../tenant/manifests/resources.ts'
import { pointJobName, runtimeNames } from '../../tenant/names.ts'
import type { DataPlace } from '../observation.ts'
import type { Work } from '../plan.ts'
import { repositoryOf } from '../repository.ts'
import { pointLabels } from './point-object.ts'
import { secretKeys } from './point-secret.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = { backup: 6 * 3600, forget: 2 * 3600 } as const
/** A pod that was killed, or met a server that was away, begins again; one whose node is drained is not even counted. */
const RETRIES = 2
/** One that failed stays for its log, and goes by itself. */
const KEPT_SECONDS = 24 * 3600
/** uid of the user odoo in the images: the files are readable for it. */
const ODOO_USER = 101
/** The agent's exit code for a Job that is wrong: trying again cannot help. */
const WRONG_JOB = 2

export interface PointJobRequest {
  readonly work: Work
  readonly backup: TenantBackup
  readonly tenant: OdooTenant
  readonly policy: BackupPolicy
  readonly place: Extract<DataPlace, { kind: 'ready' }>
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
  /** Somebody reads in the repository, whose lock must stay. */
  readonly readers: boolean
  /** Every file is read again. */
  readonly reread: boolean
  /** Room is given back at once. */
  readonly prune: boolean
}

export function pointJob(request: PointJobRequest): Manifest {
  const { work, backup, tenant, place, agentImage } = request
  const { scheduling, storage } = place.class.spec
  const labels = pointLabels(tenant, backup)
  const reads = work === 'backup'
  const name = pointJobName(work, backup.metadata.name)
  const onOneNode = reads && (storage?.accessMode ?? 'ReadWriteOnce') === 'ReadWriteOnce'
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: place.namespace,
      labels,
      annotations: { [annotationKeys.backupUid]: backup.metadata.uid ?? '' },
    },
    spec: {
      suspend: true,
      backoffLimit: RETRIES,
      activeDeadlineSeconds: DEADLINE_SECONDS[work],
      ttlSecondsAfterFinished: KEPT_SECONDS,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: 'agent', operator: 'In', values: [WRONG_JOB] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels: { ...labels, 'app.kubernetes.io/component': work } },
        spec: {
          restartPolicy: 'Never',
          // restic takes its lock away when it is asked to end.
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
          containers: [
            {
              name: 'agent',
              image: agentImage,
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '/app/agent.mjs', ...argumentsOf(request)],
              env: [{ name: 'HOME', value: '/tmp' }],
              securityContext: {
                allowPrivilegeEscalation: false,
                privileged: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: resourcesOf(place),
              volumeMounts: [
                { name: 'keys', mountPath: pointPaths.keys, readOnly: true },
                { name: 'store', mountPath: pointPaths.store, readOnly: true },
                { name: 'scratch', mountPath: pointPaths.scratch },
                { name: 'tmp', mountPath: '/tmp' },
                ...(reads
                  ? [
                      { name: 'database', mountPath: pointPaths.database, readOnly: true },
                      { name: 'secrets', mountPath: pointPaths.secrets, readOnly: true },
                      { name: 'filestore', mountPath: pointPaths.data, readOnly: true },
                    ]
                  : []),
              ],
            },
          ],
          volumes: [
            {
              name: 'keys',
              projected: {
                defaultMode: 0o440,
                sources: [
                  secretFiles(runtimeNames.backupKey, { key: 'key' }),
                  secretFiles(name, { [secretKeys.escrow]: 'escrow' }),
                ],
              },
            },
            {
              name: 'store',
              projected: { defaultMode: 0o440, sources: [secretFiles(name, storeFiles(request.policy))] },
            },
            { name: 'scratch', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
            ...(reads ? pointVolumes(place, name) : []),
          ],
        },
      },
    },
  }
}

/** The command of the agent and its spec, in which no secret is. */
function argumentsOf({
  work,
  backup,
  tenant,
  policy,
  place,
  readers,
  reread,
  prune,
}: PointJobRequest): readonly string[] {
  const { namespace, name, uid } = tenant.metadata
  const whose = { namespace: namespace ?? '', name, uid }
  // It is the one writer: whoever wrote before has ended.
  const repository = { ...repositoryOf(policy, tenant.metadata), formerHolderGone: !readers }
  if (work === 'forget') {
    const { database = '', files = '' } = backup.status?.snapshots ?? {}
    const spec: ForgetSpec = { repository, tenant: whose, snapshots: [database, files], prune }
    return ['forget', JSON.stringify(spec)]
  }
  const { host, port = 5432, sslMode = 'verify-full' } = place.class.spec.postgres
  const { image, series, name: current } = place.version
  const spec: BackUpSpec = {
    point: backup.metadata.name,
    askedAt: backup.metadata.creationTimestamp,
    tenant: whose,
    repository,
    database: { ...place.names, host, port, sslMode },
    odoo: { series, version: tenant.status?.version ?? current, image: tenant.status?.image ?? image },
    missingFiles: policy.spec.missingFiles ?? 'Fail',
    reread,
  }
  return ['back-up', JSON.stringify(spec)]
}

/** A volume of one node is where Odoo's pods are. The pod itself is of the tenant, too: where no other is, any node will do. */
export function besidePodsOf(uid: string): object {
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { [labelKeys.tenantUid]: uid } },
        },
      ],
    },
  }
}

/** At most a web pod: so much room the quota keeps for a Job. */
export function resourcesOf({ plan }: Extract<DataPlace, { kind: 'ready' }>): object {
  const web = podResources(plan.spec.web.resources)
  const least = (a: string, b: string) =>
    formatQuantity(parseQuantity(a) < parseQuantity(b) ? parseQuantity(a) : parseQuantity(b))
  return {
    requests: { cpu: least('50m', web.requests.cpu), memory: least('128Mi', web.requests.memory) },
    limits: { memory: web.limits.memory },
  }
}

function pointVolumes(
  { class: { spec } }: Extract<DataPlace, { kind: 'ready' }>,
  name: string,
): readonly object[] {
  const { sslMode = 'verify-full' } = spec.postgres
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  const sealed = {
    [secretKeys.login]: 'admin-login',
    [secretKeys.password]: 'admin-password',
    [secretKeys.tenant]: 'tenant.json',
  }
  return [
    {
      name: 'database',
      projected: {
        defaultMode: 0o440,
        sources: [
          secretFiles(runtimeNames.databaseSecret, { password: 'password' }),
          ...(verified ? [secretFiles(runtimeNames.configSecret, { 'ca.crt': 'ca.crt' })] : []),
        ],
      },
    },
    { name: 'secrets', projected: { defaultMode: 0o440, sources: [secretFiles(name, sealed)] } },
    { name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } },
  ]
}

export function storeFiles({ spec }: BackupPolicy): Readonly<Record<string, string>> {
  return {
    [secretKeys.accessKeyId]: 'accessKeyId',
    [secretKeys.secretAccessKey]: 'secretAccessKey',
    ...(spec.store.s3.caSecret === undefined ? {} : { [secretKeys.storeCa]: 'ca.crt' }),
  }
}

/** Keys of a Secret as files. */
export function secretFiles(name: string, files: Readonly<Record<string, string>>): object {
  return { secret: { name, items: Object.entries(files).map(([key, path]) => ({ key, path })) } }
}
