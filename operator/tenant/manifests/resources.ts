/** CPU and memory of a plan as a container's resources: quantities as text, the memory limit never left open. Pure. */
import type { TenantPlan } from '../../api/v1alpha1/tenant-plan.ts'

type PlanResources = TenantPlan['spec']['web']['resources']

export interface PodResources {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly memory: string; readonly cpu?: string }
}

export function podResources(resources: PlanResources): PodResources {
  const { requests, limits } = resources
  return {
    requests: { cpu: String(requests.cpu), memory: String(requests.memory) },
    limits: {
      memory: String(limits?.memory ?? requests.memory),
      ...(limits?.cpu === undefined ? {} : { cpu: String(limits.cpu) }),
    },
  }
}
