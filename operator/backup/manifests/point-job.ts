/**
 * The Job that makes a recovery point, and the one that removes it: the agent of the operator's image in the tenant's
 * runtime namespace, beside the volume. Pure. Restricted like every pod there; reads the files and never writes them;
 * asks for little CPU, so that Odoo comes first where both want it. Made held back: what it mounts is its own, and so
 * can be made only once it has a uid.
 */
import type { BackUpSpec } from '../../agent/back-up-contract.ts'
import type { ForgetSpec } from '../../agent/forget-contract.ts'
import { pointPaths } from '../../agent/point-contract.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { annotationKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import { restrictedJob } from '../../tenant/manifests/restricted-job.ts'
import { agentContainer } from '../../tenant/manifests/restricted-pod.ts'
import { pointJobName, runtimeNames } from '../../tenant/names.ts'
import type { DataPlace } from '../observation.ts'
import type { Work } from '../plan.ts'
import { repositoryOf } from '../repository.ts'
import { pointLabels } from './point-object.ts'
import { secretKeys } from './point-secret.ts'
import {
  besidePodsOf,
  pointVolumes,
  resourcesOf,
  secretFiles,
  storeMount,
  storeVolume,
} from './point-volumes.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = { backup: 6 * 3600, forget: 2 * 3600 } as const

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
  return restrictedJob({
    metadata: {
      name,
      namespace: place.namespace,
      labels,
      annotations: { [annotationKeys.backupUid]: backup.metadata.uid ?? '' },
    },
    podLabels: { 'app.kubernetes.io/component': work },
    suspend: true,
    deadlineSeconds: DEADLINE_SECONDS[work],
    pointless: ['agent'],
    scheduling,
    // restic takes its lock away when it is asked to end.
    terminationGracePeriodSeconds: 30,
    lastingVolume: true,
    pod: {
      ...(onOneNode ? { affinity: besidePodsOf(tenant.metadata.uid) } : {}),
      containers: [
        {
          ...agentContainer(agentImage),
          name: 'agent',
          command: ['node', '/app/agent.mjs', ...argumentsOf(request)],
          resources: resourcesOf(place),
          volumeMounts: [
            { name: 'keys', mountPath: pointPaths.keys, readOnly: true },
            storeMount(request.policy),
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
        storeVolume(request.policy, name),
        { name: 'scratch', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
        ...(reads ? pointVolumes(place, name) : []),
      ],
    },
  })
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
  const repository = { ...repositoryOf(policy, tenant.metadata, work), formerHolderGone: !readers }
  if (work === 'forget') {
    const { database = '', files = '' } = backup.status?.snapshots ?? {}
    // A tenant that was made anew clears away what one of its name before it had given up.
    const former = { ...whose, uid: backup.status?.tenantUid ?? uid }
    const spec: ForgetSpec = { repository, tenant: former, snapshots: [database, files], prune }
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
