/** How a Job stands, read from its conditions and the last word of its pods. */
import { describe, expect, it } from 'vitest'
import { jobState } from './job-state.ts'
import type { JobObject, PodObject } from './workload.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const job = (type?: 'Complete' | 'Failed', message = ''): JobObject =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'backup-1', uid: 'u', resourceVersion: '1' },
    status: type
      ? { conditions: [{ type, status: 'True', message, lastTransitionTime: '2029-12-31T23:59:00Z' }] }
      : {},
  }) as unknown as JobObject
const pod = (phase: string, exitCode?: number, message = '', reason = ''): PodObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'backup-1-x', uid: 'p', resourceVersion: '1' },
    status: {
      phase,
      containerStatuses:
        exitCode === undefined
          ? []
          : [{ name: 'agent', state: { terminated: { exitCode, message, reason } } }],
    },
  }) as unknown as PodObject

describe('a Job', () => {
  it('runs as long as it has not ended, and as long as one of its pods lives', () => {
    expect(jobState(job(), [pod('Running')], NOW).kind).toBe('running')
    expect(jobState(job('Failed'), [pod('Running')], NOW).kind).toBe('running')
  })

  it('that is deleted is leaving, whatever it said', () => {
    const leaving = { ...job('Complete'), metadata: { name: 'backup-1', deletionTimestamp: 'x' } }
    expect(jobState(leaving as JobObject, [pod('Succeeded', 0, '{"ok":true}')], NOW)).toEqual({
      kind: 'leaving',
    })
  })

  it('gives the result of the pod that succeeded', () => {
    const pods = [pod('Failed', 1, 'no route to the server'), pod('Succeeded', 0, '{"ok":true,"files":3}')]
    expect(jobState(job('Complete'), pods, NOW)).toEqual({ kind: 'ended', result: { ok: true, files: 3 } })
  })

  it.each([
    [
      'without a result',
      job('Complete'),
      [pod('Succeeded', 0, 'half a resu')],
      'Job backup-1 ended without a result',
    ],
    [
      'with the last line of what failed last',
      job('Failed', 'too many retries'),
      [pod('Failed', 1, 'first'), pod('Failed', 1, 'trace\nno route to the server\n')],
      'Job backup-1 failed in container agent: no route to the server',
    ],
    [
      'for want of memory',
      job('Failed'),
      [pod('Failed', 137, '', 'OOMKilled')],
      'Job backup-1 failed in container agent: it ran out of memory',
    ],
    [
      'at its deadline',
      job('Failed', 'Job was active longer than specified deadline'),
      [],
      'Job backup-1 failed: Job was active longer than specified deadline',
    ],
  ])('fails %s', (_how, of, pods, problem) => {
    expect(jobState(of, pods, NOW)).toEqual({
      kind: 'failed',
      problem,
      at: Date.parse('2029-12-31T23:59:00Z'),
    })
  })
})
