/**
 * What the pods of our Jobs in tenants' namespaces have in common, as Pod Security `restricted` asks: the user of the
 * images, no token of the API server, nodes as the class says, containers that can write into their volumes only. Pure.
 */
import type { TenantClassSpec } from '../../api/v1alpha1/tenant-class.ts'

/** uid of the user odoo in the images; volumes belong to its group. */
const ODOO_USER = 101

/** `securityContext` of each container. */
export const confined = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const

export interface RestrictedPod {
  readonly scheduling: TenantClassSpec['scheduling']
  readonly terminationGracePeriodSeconds: number
  /** Files of a volume that lasts are not given to the group once more at each start. */
  readonly lastingVolume: boolean
}

/** Everything of a pod's spec but its containers, volumes and affinity. */
export function restrictedPod({ scheduling, terminationGracePeriodSeconds, lastingVolume }: RestrictedPod) {
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(scheduling?.nodeSelector ? { nodeSelector: scheduling.nodeSelector } : {}),
    ...(scheduling?.tolerations ? { tolerations: scheduling.tolerations } : {}),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: ODOO_USER,
      runAsGroup: ODOO_USER,
      fsGroup: ODOO_USER,
      ...(lastingVolume ? { fsGroupChangePolicy: 'OnRootMismatch' } : {}),
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
}

/** Of a container of the agent: all but its name, its command and what it has. */
export function agentContainer(image: string) {
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'HOME', value: '/tmp' }],
    securityContext: confined,
    terminationMessagePolicy: 'FallbackToLogsOnError',
  }
}
