/** When a pod is said to wait for the volume of its store: what the kubelet tells of one whose share is not exported. */
import { expect, test } from 'vitest'
import { aBackupPolicy } from '../../../test/fixtures/backup-objects.ts'
import type { PodObject } from '../../tenant/workload.ts'
import { slimPod } from '../../tenant/workload.ts'
import { unmounted } from './unmounted.ts'

const NOW = Date.parse('2026-11-22T05:00:00Z')
const onVolume = aBackupPolicy({
  store: { volume: { driver: 'nfs.csi.k8s.io', attributes: { server: 'nas', share: '/points' } } },
})

function pod(seconds: number, { started = 'False', phase = 'Pending' } = {}): PodObject {
  const since = new Date(NOW - seconds * 1_000).toISOString()
  return slimPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'acme-shop1', name: 'backup-now-x' },
    spec: { nodeName: 'node-1' },
    status: {
      phase,
      conditions: [
        { type: 'PodReadyToStartContainers', status: started, lastTransitionTime: since },
        { type: 'PodScheduled', status: 'True', lastTransitionTime: since },
      ],
    },
  } as PodObject)
}

test('a pod that waits for long names the volume, its node and where the cause stands', () => {
  expect(unmounted([pod(25)], onVolume, NOW)).toBe(
    'pod backup-now-x still waits for its volumes, most often for that of the store (nfs.csi.k8s.io: server nas, share /points), which must be exported and mountable on node node-1; `kubectl describe pod -n acme-shop1 backup-now-x` says why, and it goes on by itself once that is mounted',
  )
})

test.each([
  ['only for a moment', [pod(15)], onVolume],
  ['for an image, its volumes being there', [pod(25, { started: 'True' })], onVolume],
  ['no more, since it has ended', [pod(25, { phase: 'Failed' })], onVolume],
  ['with a store that nobody mounts', [pod(25)], aBackupPolicy()],
  ['without a policy', [pod(25)], undefined],
])('nothing is said of one that waits %s', (_what, pods, policy) => {
  expect(unmounted(pods, policy, NOW)).toBeUndefined()
})
