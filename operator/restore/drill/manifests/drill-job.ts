/**
 * The Job of a drill: one pod, whose files lie in the node's scratch room. `restore` brings the point and compares it; only
 * when that is good `odoo` starts on it, without crons, and `prove` looks at what came up. Pure. Restricted like every pod
 * of a tenant; Odoo has no key of the store, and none of the containers a token.
 */

import { pointPaths } from '../../../agent/point-contract.ts'
import type { ProveSpec } from '../../../agent/prove-copy.ts'
import type { RestoreSpec } from '../../../agent/restore-contract.ts'
import type { TenantRestore } from '../../../api/v1alpha1/tenant-restore.ts'
import { isOnVolume, storeMount, storeVolume } from '../../../backup/manifests/point-volumes.ts'
import { repositoryOf } from '../../../backup/repository.ts'
import { launcherFile } from '../../../odoo/launcher.ts'
import type { Manifest } from '../../../tenant/manifests/manifest.ts'
import { podResources } from '../../../tenant/manifests/resources.ts'
import { restrictedJob } from '../../../tenant/manifests/restricted-job.ts'
import { agentContainer, confined } from '../../../tenant/manifests/restricted-pod.ts'
import { containerNames, levelAnnotation } from '../job-state.ts'
import { type DrillNames, scratchNames } from '../names.ts'
import type { Subject } from '../observation.ts'
import { levelOf } from '../plan.ts'
import { secretFiles } from './drill-secrets.ts'
import { drillLabels } from './scratch-namespace.ts'

type Ready = Extract<Subject, { kind: 'ready' }>

export const DEADLINE_SECONDS = 6 * 3600
const ODOO_PORT = 8069
/** How long Odoo may take until its login page answers. */
const BOOT_SECONDS = 600
/** Exit code for a point that is not good: another pod finds the same. */
const NOT_GOOD = 3

/** A verdict is exit code 0 for the agent: here it must also keep what comes next from starting. */
const restoring = `node /app/agent.mjs restore-point "$0" || exit $?
grep -q '"ok":true' ${pointPaths.result} || exit ${NOT_GOOD}`

export function drillJob(
  restore: TenantRestore,
  names: DrillNames,
  subject: Ready,
  agentImage: string,
): Manifest {
  const { class: tenantClass, plan, version } = subject
  const { scheduling, postgres } = tenantClass.spec
  const level = levelOf(restore)
  const resources = podResources(plan.spec.web.resources)
  const { host, port = 5432, sslMode = 'verify-full' } = postgres
  const database = { ...names.roles, database: names.database, host, port, sslMode }
  const prove: ProveSpec = { database, port: ODOO_PORT, patienceSeconds: BOOT_SECONDS }
  const agent = agentContainer(agentImage)
  const restoreContainer = {
    ...agent,
    name: containerNames.restore,
    command: ['sh', '-c', restoring, JSON.stringify(restoreSpec(restore, subject, database))],
    resources,
    volumeMounts: [
      { name: 'keys', mountPath: pointPaths.keys, readOnly: true },
      storeMount(subject.policy),
      { name: 'database', mountPath: pointPaths.database, readOnly: true },
      { name: 'files', mountPath: pointPaths.data },
      { name: 'scratch', mountPath: pointPaths.scratch },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
  const containers =
    level === 'Data'
      ? { containers: [restoreContainer] }
      : {
          initContainers: [restoreContainer, odooContainer(version.image, resources)],
          containers: [
            {
              ...agent,
              name: containerNames.prove,
              command: ['node', '/app/agent.mjs', 'prove-copy', JSON.stringify(prove)],
              resources,
              volumeMounts: [
                { name: 'database', mountPath: pointPaths.database, readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
        }
  return restrictedJob({
    metadata: {
      name: scratchNames.job,
      namespace: names.namespace,
      labels: drillLabels(restore),
      annotations: { [levelAnnotation]: level },
    },
    stays: true,
    deadlineSeconds: DEADLINE_SECONDS,
    pointless: [containerNames.restore, NOT_GOOD],
    scheduling,
    terminationGracePeriodSeconds: 5,
    lastingVolume: isOnVolume(subject.policy),
    pod: {
      ...containers,
      volumes: [
        secretVolume('keys', scratchNames.secret, secretFiles.keys),
        storeVolume(subject.policy, scratchNames.secret),
        secretVolume('database', scratchNames.secret, secretFiles.database(sslMode)),
        secretVolume('odoo', scratchNames.odoo, secretFiles.odoo(sslMode)),
        { name: 'files', emptyDir: {} },
        { name: 'scratch', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
      ],
    },
  })
}

/** A container that stays while `prove` looks, and is ended with it. */
function odooContainer(image: string, resources: object): object {
  return {
    name: containerNames.odoo,
    image,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    command: ['python3', `/etc/odoo/${launcherFile}`],
    args: ['-c', '/etc/odoo/odoo.conf', '--max-cron-threads=0'],
    env: [
      { name: 'HOME', value: '/home/odoo' },
      { name: 'PGSSLROOTCERT', value: '/etc/odoo/ca.crt' },
      { name: 'PYTHONDONTWRITEBYTECODE', value: '1' },
      { name: 'PYTHONUNBUFFERED', value: '1' },
    ],
    securityContext: confined,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources,
    volumeMounts: [
      { name: 'odoo', mountPath: '/etc/odoo', readOnly: true },
      { name: 'files', mountPath: pointPaths.data },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'home', mountPath: '/home/odoo' },
    ],
  }
}

function restoreSpec(
  { metadata }: TenantRestore,
  { tenant, policy, point, version }: Ready,
  database: RestoreSpec['database'],
): RestoreSpec {
  return {
    restore: metadata.name,
    repository: repositoryOf(policy, tenant.metadata),
    source: point.source,
    database,
    series: version.series,
    neutralise: true,
  }
}

export function secretVolume(name: string, secretName: string, keys: readonly string[]): object {
  return {
    name,
    secret: { secretName, defaultMode: 0o440, items: keys.map((key) => ({ key, path: pathOf(key) })) },
  }
}

/** Keys of the one Secret are `<folder>.<file>`; those of Odoo's are files already. */
function pathOf(key: string): string {
  return /^(keys|database|catalogue)\.(.+)$/.exec(key)?.[2] ?? key
}
