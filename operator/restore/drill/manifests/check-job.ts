/**
 * The Job of a drill that looks at the repository alone, and the Secret that it needs: keys, credentials and the catalogue.
 * Pure. No database and no files of the tenant: what is read stays in the pod's scratch room, a pack at a time.
 */
import type { CataloguedPoint, CheckSpec, RepositoryPart } from '../../../agent/check-contract.ts'
import { pointPaths } from '../../../agent/point-contract.ts'
import type { TenantRestore } from '../../../api/v1alpha1/tenant-restore.ts'
import { isOnVolume, storeMount, storeVolume } from '../../../backup/manifests/point-volumes.ts'
import { repositoryOf } from '../../../backup/repository.ts'
import type { Manifest } from '../../../tenant/manifests/manifest.ts'
import { podResources } from '../../../tenant/manifests/resources.ts'
import { restrictedJob } from '../../../tenant/manifests/restricted-job.ts'
import { agentContainer } from '../../../tenant/manifests/restricted-pod.ts'
import { containerNames, levelAnnotation } from '../job-state.ts'
import { type DrillNames, scratchNames } from '../names.ts'
import type { Subject } from '../observation.ts'
import { DEADLINE_SECONDS, secretVolume } from './drill-job.ts'
import { type DrillSecretContent, repositorySecret, secretFiles } from './drill-secrets.ts'
import { drillLabels } from './scratch-namespace.ts'

type Ready = Extract<Subject, { kind: 'ready' }>

const CATALOGUE = 'catalogue.points.json'

export function checkJob(
  restore: TenantRestore,
  names: DrillNames,
  { tenant, policy, plan, class: tenantClass }: Ready,
  part: RepositoryPart,
  agentImage: string,
): Manifest {
  const { namespace, name, uid } = tenant.metadata
  const spec: CheckSpec = {
    repository: repositoryOf(policy, tenant.metadata),
    tenant: { namespace, name, uid },
    part,
  }
  const mounted = { keys: secretFiles.keys, catalogue: [CATALOGUE] }
  return restrictedJob({
    metadata: {
      name: scratchNames.job,
      namespace: names.namespace,
      labels: drillLabels(restore),
      annotations: { [levelAnnotation]: 'Repository' },
    },
    stays: true,
    deadlineSeconds: DEADLINE_SECONDS,
    scheduling: tenantClass.spec.scheduling,
    terminationGracePeriodSeconds: 5,
    lastingVolume: isOnVolume(policy),
    pod: {
      containers: [
        {
          ...agentContainer(agentImage),
          name: containerNames.check,
          command: ['node', '/app/agent.mjs', 'check-repository', JSON.stringify(spec)],
          resources: podResources(plan.spec.web.resources),
          volumeMounts: [
            storeMount(policy),
            ...(['keys', 'catalogue'] as const).map((each) => ({
              name: each,
              mountPath: pointPaths[each],
              readOnly: true,
            })),
            { name: 'scratch', mountPath: pointPaths.scratch },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        storeVolume(policy, scratchNames.secret),
        ...Object.entries(mounted).map(([each, keys]) => secretVolume(each, scratchNames.secret, keys)),
        { name: 'scratch', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  })
}

export function checkSecret(
  restore: TenantRestore,
  names: DrillNames,
  content: Pick<DrillSecretContent, 'key' | 'access'>,
  catalogue: readonly CataloguedPoint[],
): Manifest {
  return repositorySecret(restore, names, content, { [CATALOGUE]: JSON.stringify(catalogue) })
}
