/**
 * The Job that puts modules and languages into a tenant's database: Odoo installs (init container, the tenant's own
 * image, configuration and volume, without crons and HTTP), then the agent looks whether everything is there. Pure.
 * Restricted like every pod of the namespace, and as big as a web pod: those are away while it runs. A pod that was evicted,
 * or lost its database, begins again where Odoo was; what Odoo refuses is not tried twice.
 */
import { agentPaths, type ChangeSpec } from '../../agent/contract.ts'
import { extrasCommand } from '../../odoo/extras.ts'
import { launcherFile } from '../../odoo/launcher.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import type { WantedExtras } from '../extras.ts'
import { changeJobName, runtimeNames } from '../names.ts'
import type { Observation } from '../observation.ts'
import { labelKeys, tenantLabels } from './labels.ts'
import type { Manifest } from './manifest.ts'
import { podResources } from './resources.ts'
import { restrictedJob } from './restricted-job.ts'
import { confined } from './restricted-pod.ts'

/** Seconds until Kubernetes ends a change that hangs. */
const DEADLINE_SECONDS = 3600

export interface ChangeJobRequest {
  readonly namespace: string
  readonly names: TenantDatabaseNames
  readonly extras: WantedExtras
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
}

/** Undefined while what the tenant names is not all there. */
export function changeJob(
  { tenant, settings, version }: Observation,
  { namespace, names, extras, agentImage }: ChangeJobRequest,
): Manifest | undefined {
  if (!settings.class || !settings.plan || !version) return undefined
  const { postgres, scheduling } = settings.class.spec
  const { host, port = 5432, sslMode = 'verify-full' } = postgres
  const { modules, languages, attempt } = extras
  const spec: ChangeSpec = {
    modules,
    languages,
    database: names.database,
    login: names.login,
    postgres: { host, port, sslMode },
  }
  const labels = {
    ...tenantLabels(tenant.metadata),
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.change]: attempt,
  }
  const resources = podResources(settings.plan.spec.web.resources)
  const handed = { name: 'outcome', mountPath: agentPaths.outcome.replace(/\/[^/]+$/, '') }
  const temporary = { name: 'tmp', mountPath: '/tmp' }
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full'
  return restrictedJob({
    metadata: { name: changeJobName(attempt), namespace, labels },
    // The network policies of the tenant's pods are by this name.
    podLabels: { 'app.kubernetes.io/name': 'odoo', 'app.kubernetes.io/component': 'change' },
    stays: true,
    deadlineSeconds: DEADLINE_SECONDS,
    scheduling,
    terminationGracePeriodSeconds: 10,
    lastingVolume: true,
    pod: {
      initContainers: [
        {
          name: 'odoo',
          image: version.image,
          imagePullPolicy: 'IfNotPresent',
          command: extrasCommand({
            series: version.series,
            modules,
            languages,
            configPath: '/etc/odoo/odoo.conf',
            launcherPath: `/etc/odoo/${launcherFile}`,
            outcomePath: agentPaths.outcome,
          }),
          env: [
            { name: 'HOME', value: '/tmp' },
            { name: 'PGSSLROOTCERT', value: '/etc/odoo/ca.crt' },
            { name: 'PYTHONDONTWRITEBYTECODE', value: '1' },
          ],
          securityContext: confined,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          resources,
          volumeMounts: [
            { name: 'config', mountPath: '/etc/odoo', readOnly: true },
            { name: 'filestore', mountPath: agentPaths.data },
            temporary,
            handed,
          ],
        },
      ],
      containers: [
        {
          name: 'agent',
          image: agentImage,
          command: ['node', '/app/agent.mjs', 'verify-change', JSON.stringify(spec)],
          securityContext: confined,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          resources,
          volumeMounts: [
            { name: 'job', mountPath: '/etc/tenantops/job', readOnly: true },
            temporary,
            { ...handed, readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'config', secret: { secretName: runtimeNames.configSecret, defaultMode: 0o440 } },
        { name: 'filestore', persistentVolumeClaim: { claimName: runtimeNames.filestore } },
        { name: 'tmp', emptyDir: { sizeLimit: '2Gi' } },
        { name: 'outcome', emptyDir: { sizeLimit: '1Mi' } },
        {
          name: 'job',
          projected: {
            defaultMode: 0o440,
            sources: [
              {
                secret: {
                  name: runtimeNames.databaseSecret,
                  items: [{ key: 'password', path: 'password' }],
                },
              },
              ...(verified
                ? [
                    {
                      secret: {
                        name: runtimeNames.configSecret,
                        items: [{ key: 'ca.crt', path: 'ca.crt' }],
                      },
                    },
                  ]
                : []),
            ],
          },
        },
      ],
    },
  })
}
