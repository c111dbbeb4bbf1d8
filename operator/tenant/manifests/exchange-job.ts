/**
 * The Jobs that link and remove directories of a tenant's filestore: a pod of the agent with the tenant's volume, no
 * network and no Secret. Pure. Restricted like every pod of the namespace; seconds of work.
 */
import { agentPaths } from '../../agent/contract.ts'
import type { ExchangeFilesSpec } from '../../agent/exchange-contract.ts'
import { besidePodsOf } from '../../backup/manifests/point-volumes.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import { clearJobName, exchangeJobName, runtimeNames } from '../names.ts'
import type { Observation } from '../observation.ts'
import { labelKeys, tenantLabels } from './labels.ts'
import type { Manifest } from './manifest.ts'
import { type PodResources, podResources } from './resources.ts'
import { restrictedJob } from './restricted-job.ts'
import { confined } from './restricted-pod.ts'

/** Seconds until Kubernetes ends one that hangs. */
const DEADLINE_SECONDS = 1800
/** A pod that was evicted begins again where it was: whatever it did stands. */
const RETRIES = 3

interface ExchangeJobRequest {
  readonly namespace: string
  readonly names: TenantDatabaseNames
  readonly id: string
  readonly restore: string
  readonly agentImage: string
}

/** Undefined while what the tenant names is not all there. */
export function exchangeJob(
  { tenant, settings }: Pick<Observation, 'tenant' | 'settings'>,
  { namespace, names, id, restore, agentImage }: ExchangeJobRequest,
): Manifest | undefined {
  if (!settings.class || !settings.plan) return undefined
  const { database } = names
  return filesJob({
    name: exchangeJobName(id),
    namespace,
    labels: { ...tenantLabels(tenant.metadata), [labelKeys.restore]: restore },
    spec: { database, ...restoreNames(names, id) },
    resources: podResources(settings.plan.spec.web.resources),
    class: settings.class.spec,
    agentImage,
  })
}

interface ClearJobRequest extends Pick<FilesJobRequest, 'namespace' | 'labels' | 'class' | 'agentImage'> {
  /** Of the restore. */
  readonly id: string
  readonly directory: string
  readonly plan: NonNullable<Observation['settings']['plan']>['spec']
}

/** Takes away a directory that a restore has left. */
export function clearJob({ id, directory, plan, ...request }: ClearJobRequest): Manifest {
  return filesJob({
    ...request,
    name: clearJobName(id),
    spec: { remove: [directory] },
    resources: podResources(plan.web.resources),
  })
}

interface FilesJobRequest {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly spec: ExchangeFilesSpec
  readonly resources: PodResources
  readonly class: NonNullable<Observation['settings']['class']>['spec']
  readonly agentImage: string
}

/** A Job `agent exchange-files` on the volume of the namespace. */
function filesJob({
  name,
  namespace,
  labels: given,
  spec,
  resources,
  class: { scheduling, storage },
  agentImage,
}: FilesJobRequest): Manifest {
  const onOneNode = (storage?.accessMode ?? 'ReadWriteOnce') === 'ReadWriteOnce'
  return restrictedJob({
    metadata: { name, namespace, labels: { ...given, [labelKeys.partOf]: 'tenantops' } },
    retries: RETRIES,
    deadlineSeconds: DEADLINE_SECONDS,
    scheduling,
    terminationGracePeriodSeconds: 5,
    lastingVolume: true,
    pod: {
      ...(onOneNode ? { affinity: besidePodsOf(given[labelKeys.tenantUid] ?? '') } : {}),
      containers: [
        {
          name: 'agent',
          image: agentImage,
          command: ['node', '/app/agent.mjs', 'exchange-files', JSON.stringify(spec)],
          securityContext: confined,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          resources,
          volumeMounts: [{ name: 'filestore', mountPath: agentPaths.data }],
        },
      ],
      volumes: [{ name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } }],
    },
  })
}
