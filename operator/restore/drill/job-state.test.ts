/** What the containers of a drill's pod say, as the kubelet tells it. */
import { describe, expect, it } from 'vitest'
import type { JobObject, PodObject } from '../../tenant/workload.ts'
import { drillJob } from './job-state.ts'

const NOW = Date.parse('2026-11-22T05:30:00Z')
type Statuses = NonNullable<NonNullable<PodObject['status']>['containerStatuses']>

const job = (level: 'Repository' | 'Data' | 'Boot', failed?: string): JobObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'drill',
    namespace: 'acme-shop1-drill-ab12cd34',
    annotations: { 'tenantops.io/level': level },
  },
  status: failed === undefined ? {} : { conditions: [{ type: 'Failed', status: 'True', message: failed }] },
})
const pod = (...containerStatuses: Statuses): PodObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'drill-x', creationTimestamp: '2026-11-22T05:00:00Z' },
  status: { phase: 'Running', containerStatuses },
})
const over = (...containerStatuses: Statuses): PodObject => ({
  ...pod(),
  status: { phase: 'Failed', containerStatuses },
})
const ended = (name: string, message: string, exitCode = 0): Statuses[number] => ({
  name,
  state: { terminated: { exitCode, message, finishedAt: '2026-11-22T05:20:00Z' } },
})
const good = {
  ok: true,
  point: 'shop1-noon',
  recoveryPointTime: '2026-11-22T04:30:00Z',
  evidence: [],
  bytes: 1,
  neutralised: true,
  seconds: { fetch: 1, database: 1, files: 1, checks: 1 },
}
const restored = ended('restore', JSON.stringify(good))
const boot = (...more: Statuses) => drillJob(job('Boot'), [pod(restored, ...more)], NOW)

describe('the Job of a drill', () => {
  it('is on its way until its first container has answered', () => {
    expect(drillJob(job('Boot'), [], NOW)).toMatchObject({ kind: 'running', stage: 'fetching' })
    expect(drillJob(job('Boot'), [pod({ name: 'restore', state: {} })], NOW)).toMatchObject({
      kind: 'running',
      stage: 'fetching',
    })
    expect(boot()).toMatchObject({ kind: 'running', stage: 'booting', restored: { result: good } })
  })

  it('has passed with the restore at level Data, and with the proof at level Boot', () => {
    expect(drillJob(job('Data'), [pod(restored)], NOW)).toEqual({
      kind: 'passed',
      restored: { result: good, at: Date.parse('2026-11-22T05:20:00Z') },
      proved: undefined,
    })
    const proved = { ok: true, bootSeconds: 8.5, users: 3 }
    expect(boot(ended('prove', JSON.stringify(proved)))).toMatchObject({ kind: 'passed', proved })
  })

  it('names the cause that the agent found, also where Kubernetes calls the Job failed', () => {
    const bad = { ok: false, reason: 'PackMissing', problem: 'pack 3f is gone' }
    const found = drillJob(
      job('Boot', 'PodFailurePolicy'),
      [pod(ended('restore', JSON.stringify(bad), 3))],
      NOW,
    )
    expect(found).toEqual({
      kind: 'failed',
      point: true,
      reason: 'PackMissing',
      problem: 'pack 3f is gone',
      restored: undefined,
    })
  })

  it('says nothing of the point when no answer came', () => {
    const died = ended('restore', 'something\nthe store does not answer', 1)
    expect(drillJob(job('Boot', 'BackoffLimitExceeded'), [over(died)], NOW)).toMatchObject({
      kind: 'failed',
      point: false,
      reason: 'DrillIncomplete',
      problem: expect.stringContaining('the store does not answer'),
    })
    const killed: Statuses[number] = {
      name: 'restore',
      state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    }
    expect(drillJob(job('Data', 'BackoffLimitExceeded'), [over(killed)], NOW)).toMatchObject({
      point: false,
      problem: expect.stringContaining('it ran out of memory'),
    })
    expect(drillJob(job('Boot', 'DeadlineExceeded'), [], NOW)).toMatchObject({ reason: 'DrillIncomplete' })
  })

  it('has not failed before the end of its pod is known, whatever is known of the Job', () => {
    const unfinished: Statuses[number] = { name: 'restore', state: {} }
    for (const level of ['Data', 'Boot'] as const) {
      const failed = job(level, 'PodFailurePolicy')
      expect(drillJob(failed, [pod(unfinished)], NOW)).toMatchObject({ kind: 'running', stage: 'fetching' })
      const bad = ended('restore', JSON.stringify({ ok: false, reason: 'PackMissing', problem: 'gone' }), 3)
      expect(drillJob(failed, [over(bad)], NOW)).toMatchObject({ kind: 'failed', reason: 'PackMissing' })
    }
    const booting = drillJob(job('Boot', 'BackoffLimitExceeded'), [pod(restored)], NOW)
    expect(booting).toMatchObject({ kind: 'running', stage: 'booting' })
    const ranOut = drillJob(job('Boot', 'BackoffLimitExceeded'), [over(restored)], NOW)
    expect(ranOut).toMatchObject({ kind: 'failed', point: false, reason: 'DrillIncomplete' })
  })

  it('has failed when Odoo ends again and again, and not at its first stumble', () => {
    const stumbling = (restartCount: number, reason?: string): Statuses[number] => ({
      name: 'odoo',
      image: 'odoo:17.0-1',
      restartCount,
      state: reason === undefined ? {} : { waiting: { reason } },
      lastState: { terminated: { exitCode: 1, message: 'Traceback\nno module named web' } },
    })
    expect(boot(stumbling(1))).toMatchObject({ kind: 'running', stage: 'booting' })
    for (const trouble of [stumbling(2), stumbling(1, 'CrashLoopBackOff')])
      expect(boot(trouble)).toMatchObject({
        kind: 'failed',
        point: true,
        reason: 'BootFailed',
        problem:
          "Odoo of the point's image odoo:17.0-1 ended with exit code 1: no module named web; the point cannot be used with it",
      })
  })

  it('waits for an image that is not there, but not for ever', () => {
    const waiting = (reason: string): Statuses[number] => ({
      name: 'odoo',
      image: 'odoo:gone',
      state: { waiting: { reason, message: 'not found' } },
    })
    expect(drillJob(job('Boot'), [pod(restored, waiting('ErrImagePull'))], NOW - 540_000)).toMatchObject({
      kind: 'running',
      problem: expect.stringContaining('odoo:gone'),
    })
    for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerError'])
      expect(boot(waiting(reason))).toMatchObject({ kind: 'failed', reason: 'BootFailed' })
  })

  it('is told by the newest pod', () => {
    const older: PodObject = {
      ...pod(ended('restore', 'cut off', 137)),
      metadata: { name: 'drill-a', creationTimestamp: '2026-11-22T04:50:00Z' },
    }
    expect(drillJob(job('Data'), [pod(restored), older], NOW)).toMatchObject({ kind: 'passed' })
  })

  it('of level Repository is told by its one container', () => {
    const sound = {
      ok: true,
      evidence: [],
      points: 2,
      part: { number: 1, of: 10 },
      repositoryBytes: 9,
      seconds: 1,
    }
    const one = job('Repository')
    expect(drillJob(one, [], NOW)).toMatchObject({ kind: 'running', stage: 'checking' })
    expect(drillJob(one, [pod({ name: 'check', state: {} })], NOW)).toMatchObject({ kind: 'running' })
    expect(drillJob(one, [pod(ended('check', JSON.stringify(sound)))], NOW)).toEqual({
      kind: 'checked',
      result: sound,
    })
    const bad = { ok: false, reason: 'WrongEscrowKey', problem: 'it does not open' }
    expect(drillJob(one, [pod(ended('check', JSON.stringify(bad)))], NOW)).toMatchObject({
      kind: 'failed',
      point: true,
      reason: 'WrongEscrowKey',
    })
    const away = ended('check', 'the store does not answer', 1)
    expect(drillJob(one, [over(away)], NOW)).toMatchObject({ kind: 'running' })
    expect(drillJob(job('Repository', 'BackoffLimitExceeded'), [over(away)], NOW)).toMatchObject({
      kind: 'failed',
      point: false,
      problem: expect.stringContaining('the store does not answer'),
    })
  })
})
