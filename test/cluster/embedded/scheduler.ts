/** The scheduler, for the clusters that have nodes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../processes.ts'
import { kubeconfigOf, type Launch } from './control-plane.ts'

export const schedulerClient = { 'kube-scheduler': { user: 'system:kube-scheduler' } } as const

export function launchScheduler(run: string, kube: string, launch: Launch): ProcessIdentity {
  const config = join(run, 'kube-scheduler.json')
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      // Its own limit of 50 requests a second would be what a fleet waits for.
      clientConnection: { kubeconfig: kubeconfigOf(run, 'kube-scheduler'), qps: 500, burst: 1000 },
      leaderElection: { leaderElect: false },
    }),
  )
  return launch('kube-scheduler', [kube, 'kube-scheduler', `--config=${config}`, '--secure-port=0'])
}
