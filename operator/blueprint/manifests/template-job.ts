/**
 * The Job that builds one template: Odoo installs the modules (init container, the version's own image), then the
 * agent verifies what is really installed and makes the database fit for cloning. Pure. Both run restricted and
 * share the data directory, so that the agent can move Odoo's files into the database.
 */
import { agentPaths } from '../../agent/contract.ts'
import { initCommand } from '../../odoo/init.ts'
import { launcherFile } from '../../odoo/launcher.ts'
import { labelKeys } from '../../tenant/manifests/labels.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import type { WantedTemplate } from '../observation.ts'

/** Seconds until Kubernetes ends a build that hangs. */
const DEADLINE_SECONDS = 3600

/** uid of the user odoo in the images; volumes belong to its group. */
const ODOO_USER = 101

export interface TemplateJobRequest {
  readonly wanted: WantedTemplate
  readonly blueprint: string
  readonly namespace: string
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
  /** The Secret holds ca.crt, and both containers verify the server by it. */
  readonly verified: boolean
}

export function templateLabels(blueprint: string, database: string): Readonly<Record<string, string>> {
  return {
    [labelKeys.managedBy]: 'tenantops',
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.blueprint]: blueprint,
    [labelKeys.template]: database,
  }
}

export function templateJob({
  wanted,
  blueprint,
  namespace,
  agentImage,
  verified,
}: TemplateJobRequest): Manifest {
  const labels = templateLabels(blueprint, wanted.database)
  const { content } = wanted
  const certificate = verified ? ['ca.crt'] : []
  const confined = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  }
  const shared = [
    { name: 'data', mountPath: agentPaths.data },
    { name: 'tmp', mountPath: '/tmp' },
  ]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: wanted.job, namespace, labels },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: ODOO_USER,
            runAsGroup: ODOO_USER,
            fsGroup: ODOO_USER,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          initContainers: [
            {
              name: 'odoo',
              image: content.image,
              command: initCommand({
                series: content.series,
                modules: content.modules,
                language: content.language,
                country: content.country,
                currency: content.currency,
                demo: false,
                configPath: '/etc/odoo/odoo.conf',
                launcherPath: `/etc/odoo/${launcherFile}`,
              }),
              env: [
                { name: 'HOME', value: '/tmp' },
                { name: 'PGSSLROOTCERT', value: '/etc/odoo/ca.crt' },
              ],
              securityContext: confined,
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '2Gi' } },
              volumeMounts: [...shared, { name: 'odoo', mountPath: '/etc/odoo', readOnly: true }],
            },
          ],
          containers: [
            {
              name: 'agent',
              image: agentImage,
              command: ['node', '/app/agent.mjs', 'finish-template'],
              securityContext: confined,
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
              volumeMounts: [...shared, { name: 'job', mountPath: '/etc/tenantops/job', readOnly: true }],
            },
          ],
          volumes: [
            { name: 'data', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
            {
              name: 'odoo',
              secret: {
                secretName: wanted.job,
                defaultMode: 0o440,
                items: keys('odoo.conf', launcherFile, ...certificate),
              },
            },
            {
              name: 'job',
              secret: {
                secretName: wanted.job,
                defaultMode: 0o440,
                items: keys('template.json', 'password', ...certificate),
              },
            },
          ],
        },
      },
    },
  }
}

function keys(...names: readonly string[]): readonly { readonly key: string; readonly path: string }[] {
  return names.map((name) => ({ key: name, path: name }))
}
