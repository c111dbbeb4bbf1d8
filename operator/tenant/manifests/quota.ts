/**
 * The quota of a runtime namespace: what the plan's pods need at the most, with room for one rolling pod of
 * each web replica, the replaced cron pod and one short Job. Pure.
 */
import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import type { TenantPlan } from '../../api/v1alpha1/tenant-plan.ts'
import { podResources } from './resources.ts'

/** `spec.hard` of the ResourceQuota for a plan. */
export function runtimeQuota(plan: TenantPlan['spec']): Readonly<Record<string, string>> {
  const web = podResources(plan.web.resources)
  const cron = podResources(plan.cron?.resources ?? plan.web.resources)
  // During a rollout each web pod may stand twice; a Job is at most as big as a web pod.
  const webPods = 2 * (plan.web.replicas ?? 1) + 1
  const cronPods = 2
  const total = (of: string, beside: string) =>
    formatQuantity(parseQuantity(of) * BigInt(webPods) + parseQuantity(beside) * BigInt(cronPods))
  return {
    pods: String(webPods + cronPods),
    persistentvolumeclaims: '2',
    'requests.storage': formatQuantity(parseQuantity(plan.filestore.size) * 2n),
    'requests.cpu': total(web.requests.cpu, cron.requests.cpu),
    'requests.memory': total(web.requests.memory, cron.requests.memory),
    'limits.memory': total(web.limits.memory, cron.limits.memory),
    'services.loadbalancers': '0',
    'services.nodeports': '0',
  }
}
