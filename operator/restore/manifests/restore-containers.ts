/**
 * What runs in the pod of a restore: the agent alone, or, where Odoo has a way of its own to neutralise a copy, the agent,
 * then Odoo with the tenant's image, then the agent again, which looks. Pure; no secret is in the arguments.
 */
import { pointPaths, type RestoreSpec } from '../../agent/recovery-point.ts'
import { resourcesOf, storeMount } from '../../backup/manifests/point-volumes.ts'
import { repositoryOf } from '../../backup/repository.ts'
import { launcherFile } from '../../odoo/launcher.ts'
import { neutraliseCommand } from '../../odoo/neutralise.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import { confined } from '../../tenant/manifests/restricted-pod.ts'
import type { RestoreJobRequest } from './restore-request.ts'

export function containersOf(request: RestoreJobRequest): object {
  const { place, policy, agentImage } = request
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
      storeMount(policy),
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
export function neutraliseOf({ restore, place, id }: RestoreJobRequest): readonly string[] | undefined {
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
