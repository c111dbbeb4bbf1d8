import { describe, expect, it } from 'vitest'
import { type PodObject, podProblem, slimPod } from './workload.ts'
import { unjudgedMs, unroutedMs } from './young-pods.ts'

const began = Date.parse('2026-11-22T10:00:00Z')
const at = (afterMs: number) => new Date(began + afterMs).toISOString()

const pod = (status: PodObject['status'], metadata: Partial<PodObject['metadata']> = {}): PodObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'acme-shop1', ...metadata },
  ...(status ? { status } : {}),
})

describe('a pod that finds no place', () => {
  const unplaced = (createdAfterMs: number, deletionTimestamp?: string): PodObject =>
    pod(
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes fit' },
        ],
      },
      { creationTimestamp: at(createdAfterMs), ...(deletionTimestamp ? { deletionTimestamp } : {}) },
    )
  const { creationTimestamp: _, ...undated } = unplaced(0).metadata
  const unpulled = pod({
    containerStatuses: [{ name: 'odoo', image: 'odoo:1', state: { waiting: { reason: 'ErrImagePull' } } }],
  })
  const told =
    'pod web-1 cannot be scheduled: 0/3 nodes fit; make room on a node that fits, `kubectl describe pod -n acme-shop1 web-1` says what each lacks'

  it.each<[string, PodObject[], number, string | undefined, number | undefined]>([
    ['just made', [unplaced(0)], 0, undefined, 10_000],
    ['young', [unplaced(0)], 9_999, undefined, 1],
    ['old enough', [unplaced(0)], 10_000, told, undefined],
    ['of a server whose clock is a little ahead', [unplaced(2_000)], 0, undefined, 10_000],
    ['of a server whose clock is far ahead', [unplaced(60_000)], 0, told, undefined],
    ['beside a younger one', [unplaced(0), unplaced(3_000)], 4_000, undefined, 9_000],
    ['beside an older one', [unplaced(8_000), unplaced(0)], 10_000, told, 8_000],
    ['on its way out', [unplaced(0, 'now')], 0, undefined, undefined],
    ['with nobody saying when it was made', [{ ...unplaced(0), metadata: undated }], 0, told, undefined],
    [
      'beside one that cannot be pulled',
      [unplaced(0), unpulled],
      0,
      'image odoo:1 cannot be pulled (ErrImagePull); correct the image in the release channel, or let the node reach its registry',
      10_000,
    ],
  ])('%s', (_what, pods, after, sentence, left) => {
    for (const seen of [pods, pods.map(slimPod)]) {
      expect(podProblem(seen, began + after)).toBe(sentence)
      expect(unjudgedMs(seen, began + after)).toBe(left)
    }
  })
})

describe('a pod of the web that has just become ready', () => {
  const web = { labels: { 'app.kubernetes.io/component': 'web' } }
  const ready = (afterMs: number, metadata: Partial<PodObject['metadata']> = web) =>
    pod({ conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(afterMs) }] }, metadata)
  const unready = (phase: string) =>
    pod({ phase, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(0) }] }, web)
  const cron = { labels: { 'app.kubernetes.io/component': 'cron' } }

  it.each<[string, PodObject[], number, number | undefined]>([
    ['this moment', [ready(0)], 0, 10_000],
    ['a while ago', [ready(0)], 4_000, 6_000],
    ['ten seconds ago', [ready(0)], 10_000, undefined],
    ['by a clock a little ahead', [ready(2_000)], 0, 10_000],
    ['by a clock far ahead', [ready(60_000)], 0, undefined],
    ['after others', [ready(0), ready(7_000)], 11_000, 6_000],
    ['and is on its way out', [ready(0, { ...web, deletionTimestamp: 'now' })], 0, undefined],
    ['as its Deployment says, and not yet itself', [unready('Running')], 60_000, 10_000],
    ['or rather has failed', [unready('Failed')], 0, undefined],
    ['or rather one of cron has', [ready(0, cron)], 0, undefined],
    ['or rather there is none', [], 0, undefined],
  ])('%s', (_what, pods, after, left) => {
    for (const seen of [pods, pods.map(slimPod)]) expect(unroutedMs(seen, began + after)).toBe(left)
  })
})
