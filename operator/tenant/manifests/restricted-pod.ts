/**
 * What the pods of our Jobs in tenants' namespaces have in common, as Pod Security `restricted` asks: the user of the
 * images, no token of the API server, nodes as the class says, containers that can write into their volumes only. Pure.
 */
import type { TenantClassSpec } from '../../api/v1alpha1/tenant-class.ts'

/** uid of the user odoo in the images; volumes belong to its group. */
const ODOO_USER = 101

/** The agent's exit code for a Job that is wrong: trying again cannot help. */
const WRONG_JOB = 2

/** `securityContext` of each container. */
export const confined = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const

interface RestrictedPod {
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

/**
 * Of a Job whose `container` says by its exit code that another pod would find the same: `more` beside the agent's own
 * code for it. A pod whose node is drained is not counted as a try, and a next one comes only when it is gone.
 */
export function endsWhenPointless(container: string, ...more: readonly number[]) {
  return {
    podReplacementPolicy: 'Failed',
    podFailurePolicy: {
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: container, operator: 'In', values: [WRONG_JOB, ...more] },
        },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
  }
}
