/**
 * What runs in the pod of a restore, an export or an import: the agent alone, or, where Odoo has a way of its own to
 * neutralise a copy, the agent, then Odoo with the tenant's image, then the agent again, which looks. Pure; no secret is in
 * the arguments.
 */
import { type DatabaseSpec, pointPaths } from '../../agent/point-contract.ts'
import type { RestoreSpec } from '../../agent/restore-contract.ts'
import type { ExportSpec, ImportSpec } from '../../agent/zip-contract.ts'
import { resourcesOf, storeMount } from '../../backup/manifests/point-volumes.ts'
import { repositoryOf } from '../../backup/repository.ts'
import { launcherFile } from '../../odoo/launcher.ts'
import { neutraliseCommand } from '../../odoo/neutralise.ts'
import { exportPlace, importPlace } from '../../odoo-zip/zip-place.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import { adminLogin } from '../../tenant/address.ts'
import { agentContainer, confined } from '../../tenant/manifests/restricted-pod.ts'
import { isCopy, replaces } from '../purpose.ts'
import type { RestoreJobRequest } from './restore-request.ts'

export function containersOf(request: RestoreJobRequest): object {
  const { place, agentImage } = request
  const fills = replaces(request.restore.spec)
  const agent = (name: string, ...command: readonly string[]) => ({
    ...agentContainer(agentImage),
    name,
    command: ['node', '/app/agent.mjs', ...command],
    resources: resourcesOf(place),
    volumeMounts: [
      ...(request.point.kind === 'zip' ? [] : [{ name: 'keys', mountPath: pointPaths.keys, readOnly: true }]),
      storeMount(request.policy),
      ...(fills
        ? [
            { name: 'database', mountPath: pointPaths.database, readOnly: true },
            { name: 'filestore', mountPath: pointPaths.data },
          ]
        : []),
      { name: 'scratch', mountPath: pointPaths.scratch },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  })
  const neutralise = neutraliseOf(request)
  const work = workOf(request)
  if (neutralise === undefined) return { containers: [agent('agent', ...work)] }
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
  const look = JSON.stringify({ database: databaseOf(request) })
  return {
    initContainers: [agent('restore', ...work), odoo],
    containers: [agent('agent', 'verify-neutralised', look)],
  }
}

/** odoo.conf names the tenant's own database: the copy is named here. */
export function neutraliseOf({ restore, place, id }: RestoreJobRequest): readonly string[] | undefined {
  if (!isCopy(restore.spec)) return undefined
  const command = neutraliseCommand({
    series: place.version.series,
    configPath: '/etc/odoo/odoo.conf',
    launcherPath: `/etc/odoo/${launcherFile}`,
  })
  return command && [...command, '-d', restoreNames(place.names, id).restored]
}

/** Command of the agent and what it is told. */
function workOf({
  restore,
  tenant,
  id,
  source,
  point,
  policy,
  place,
}: RestoreJobRequest): readonly [string, string] {
  const { name } = restore.metadata
  const told = (spec: RestoreSpec | ExportSpec | ImportSpec) => JSON.stringify(spec)
  const into = () => ({
    database: databaseOf({ place, id }),
    series: place.version.series,
    neutralise: isCopy(restore.spec),
  })
  if (point.kind === 'zip') {
    const { key, sha256, missingFiles = 'Fail' } = point.zip
    const zip = { ...importPlace(policy, key), ...(sha256 === undefined ? {} : { sha256 }) }
    return [
      'import-zip',
      told({ restore: name, zip, missingFiles, admin: { login: adminLogin(tenant) }, ...into() }),
    ]
  }
  const from = { restore: name, repository: repositoryOf(policy, source), source: point.source }
  if (!replaces(restore.spec))
    return ['export-point', told({ ...from, zip: exportPlace(policy, source, name) })]
  return ['restore-point', told({ ...from, ...into() })]
}

function databaseOf({ place, id }: Pick<RestoreJobRequest, 'place' | 'id'>): DatabaseSpec {
  const { host, port = 5432, sslMode = 'verify-full' } = place.class.spec.postgres
  return { ...place.names, database: restoreNames(place.names, id).restored, host, port, sslMode }
}
