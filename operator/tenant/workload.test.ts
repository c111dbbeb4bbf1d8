import { describe, expect, it } from 'vitest'
import {
  type DeploymentObject,
  deploymentFacts,
  type PodObject,
  podProblem,
  slimDeployment,
  slimPod,
} from './workload.ts'

const pod = (status: PodObject['status'], deletionTimestamp?: string): PodObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'acme-shop1', ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  ...(status ? { status } : {}),
})
const waiting = (reason: string, message?: string) =>
  pod({
    containerStatuses: [
      {
        name: 'odoo',
        image: 'odoo:1',
        state: { waiting: { reason, ...(message ? { message } : {}) } },
        lastState: { terminated: { exitCode: 3 } },
      },
    ],
  })
const pull = (reason: string) =>
  `image odoo:1 cannot be pulled (${reason}); correct the image in the release channel, or let the node reach its registry`

const noPlace =
  'pod web-1 cannot be scheduled: 0/3 nodes fit; make room on a node that fits, `kubectl describe pod -n acme-shop1 web-1` says what each lacks'

describe('podProblem', () => {
  it.each<[string, PodObject[], string | undefined]>([
    ['no pods', [], undefined],
    ['no status yet', [pod(undefined)], undefined],
    ['only starting', [waiting('ContainerCreating')], undefined],
    [
      'a pod that is going',
      [{ ...waiting('ErrImagePull'), metadata: { name: 'x', deletionTimestamp: 'now' } }],
      undefined,
    ],
    ['the second pod', [waiting('ContainerCreating'), waiting('ErrImagePull')], pull('ErrImagePull')],
    ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'].map(
      (reason): [string, PodObject[], string] => [reason, [waiting(reason)], pull(reason)],
    ),
    [
      'an init container first',
      [
        pod({
          initContainerStatuses: [
            { name: 'init', image: 'i:1', state: { waiting: { reason: 'ErrImagePull' } } },
          ],
          containerStatuses: [],
        }),
      ],
      pull('ErrImagePull').replace('odoo:1', 'i:1'),
    ],
    [
      'config',
      [waiting('CreateContainerConfigError', 'secret "a" not found\nmore')],
      'container odoo cannot be made: secret "a" not found',
    ],
    [
      'config without a word',
      [waiting('CreateContainerConfigError')],
      'container odoo cannot be made: no reason given',
    ],
    [
      'crash',
      [waiting('CrashLoopBackOff')],
      'container odoo of pod web-1 keeps ending with exit code 3; read `kubectl logs -n acme-shop1 web-1 -c odoo --previous`',
    ],
    [
      'scheduling',
      [
        pod({
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes fit' },
          ],
        }),
      ],
      noPlace,
    ],
    [
      'a race inside the scheduler',
      [
        pod({
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message: 'x' }],
        }),
      ],
      undefined,
    ],
  ])('%s', (_what, pods, sentence) => {
    expect(podProblem(pods)).toBe(sentence)
    expect(podProblem(pods.map(slimPod))).toBe(sentence)
  })
})

describe('slimPod', () => {
  it('drops the spec and every condition that nobody reads', () => {
    const full = {
      ...pod({
        phase: 'Running',
        conditions: [
          { type: 'Initialized', status: 'True' },
          { type: 'Ready', status: 'True' },
          { type: 'PodScheduled', status: 'True' },
        ],
      }),
      spec: { nodeName: 'n1', containers: [] },
    }
    const slim = slimPod(full)
    expect(slim.spec).toEqual({ nodeName: 'n1' })
    expect(slim.status).toEqual({
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'PodScheduled', status: 'True' },
      ],
      initContainerStatuses: [],
      containerStatuses: [],
    })
  })
})

describe('deploymentFacts', () => {
  const deployment = (generation: number, spec: object, status?: object) => {
    const whole = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'odoo-web', generation },
      spec: { template: { spec: {} }, ...spec },
      ...(status ? { status } : {}),
    } as DeploymentObject
    const facts = deploymentFacts(whole)
    expect(deploymentFacts(slimDeployment(whole)), 'what the cache keeps is enough').toEqual(facts)
    expect(JSON.stringify(slimDeployment(whole))).not.toContain('template')
    return facts
  }
  it('reads counts, and whether the newest spec was seen', () => {
    expect(deploymentFacts(undefined)).toBeUndefined()
    expect(deployment(2, {})).toEqual({ desired: 1, updated: 0, available: 0, observed: false })
    expect(deployment(2, { replicas: 0 }, { observedGeneration: 2 })).toEqual({
      desired: 0,
      updated: 0,
      available: 0,
      observed: true,
    })
    expect(
      deployment(3, { replicas: 2 }, { observedGeneration: 2, updatedReplicas: 1, availableReplicas: 2 }),
    ).toEqual({ desired: 2, updated: 1, available: 2, observed: false })
  })
  it.each([
    ['the new pod cannot start', { replicas: 2, updatedReplicas: 1, availableReplicas: 1 }, 0],
    ['the new pod is available beside the old', { replicas: 2, updatedReplicas: 1, availableReplicas: 2 }, 1],
    ['neither is', { replicas: 2, updatedReplicas: 1, availableReplicas: 0 }, 0],
    ['the new one is alone', { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, 1],
  ])('counts no pod that is being replaced: %s', (_, status, available) => {
    expect(deployment(2, { replicas: 1 }, { observedGeneration: 2, ...status })).toMatchObject({ available })
  })
})
