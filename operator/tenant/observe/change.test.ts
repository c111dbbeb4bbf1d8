/** How a change's Job ended, as its conditions and pods tell; what a database holds is read only where more is wanted. */
import { describe, expect, it } from 'vitest'
import { aClass, aTenant, NOW, UID } from '../../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../../test/fixtures/tenant-rounds.ts'
import { observe } from '../../../test/fixtures/tenant-world.ts'
import { PostgresError } from '../../postgres/errors.ts'
import { wantedExtras } from '../extras.ts'
import type { ChangeJobState, PostgresFacts } from '../observation.ts'
import type { JobObject, PodObject } from '../workload.ts'
import type { World } from '../world.ts'
import { changeFacts, isJobPod } from './change.ts'

const labels = { 'tenantops.io/tenant-uid': UID, 'tenantops.io/change': 'abc' }
const metadata = { name: 'change-abc', namespace: 'acme-shop1', uid: 'j', resourceVersion: '1', labels }
const job = (condition?: string, more: object = {}): JobObject =>
  ({
    metadata: { ...metadata, ...more },
    status: {
      conditions: condition
        ? [{ type: condition, status: 'True', message: 'Job has reached its deadline' }]
        : [],
    },
  }) as unknown as JobObject
const pod = (phase: string, odoo: object, agent: object = {}): PodObject =>
  ({
    metadata: { ...metadata, name: 'change-abc-1' },
    status: {
      phase,
      initContainerStatuses: [{ name: 'odoo', state: { terminated: odoo } }],
      containerStatuses: [{ name: 'agent', state: { terminated: agent } }],
    },
  }) as unknown as PodObject
const world = (jobs: readonly JobObject[], pods: readonly PodObject[], readContent?: World['readContent']) =>
  ({
    caches: { jobs: { by: () => jobs }, pods: { by: () => pods } },
    now: () => NOW,
    readContent,
  }) as unknown as World

const quiet: PostgresFacts = { kind: 'unread' }
const place = observe(servingWorld()).place
const stateOf = async (...given: Parameters<typeof world>): Promise<ChangeJobState | undefined> => {
  const wanted = wantedExtras(aTenant(), undefined)
  const facts = await changeFacts(world(...given), aTenant(), aClass(), wanted, place, quiet)
  return facts.jobs[0]?.state
}
const result = '{"ok":true,"modules":["crm"],"languages":[]}'

describe('a Job', () => {
  it.each<[string, JobObject, readonly PodObject[], ChangeJobState]>([
    ['has just begun', job(), [], { kind: 'running', problem: undefined }],
    ['is deleted', job('Complete', { deletionTimestamp: 'x' }), [], { kind: 'leaving' }],
    [
      'has ended well',
      job('Complete'),
      [pod('Succeeded', { exitCode: 0, message: 'log' }, { exitCode: 0, message: result })],
      { kind: 'ended', result: { ok: true, modules: ['crm'], languages: [] } },
    ],
    [
      'has failed, and a pod of it still runs',
      job('Failed'),
      [pod('Running', { exitCode: 0 })],
      { kind: 'running', problem: undefined },
    ],
    [
      'has failed for want of memory',
      job('Failed'),
      [pod('Failed', { exitCode: 137, reason: 'OOMKilled' })],
      { kind: 'failed', problem: 'Job change-abc failed in container odoo: it ran out of memory' },
    ],
    [
      'has failed with a word',
      job('Failed'),
      [pod('Failed', { exitCode: 1, message: 'first\nchange: Odoo ended with -9: no' })],
      { kind: 'failed', problem: 'Job change-abc failed in container odoo: change: Odoo ended with -9: no' },
    ],
    [
      'has failed without pods',
      job('Failed'),
      [],
      { kind: 'failed', problem: 'Job change-abc failed: Job has reached its deadline' },
    ],
    [
      'has ended with nonsense',
      job('Complete'),
      [pod('Succeeded', { exitCode: 0 }, { exitCode: 0, message: 'what?' })],
      { kind: 'failed', problem: 'Job change-abc ended without a result' },
    ],
  ])('that %s', async (_, given, pods, state) => {
    expect(await stateOf([given], pods)).toMatchObject(state)
  })
  it('of something else is none, and its pods are no workload', async () => {
    expect(await stateOf([job(undefined, { labels: {} })], [])).toBeUndefined()
    expect(isJobPod(pod('Running', {}))).toBe(true)
  })
})

describe('what the database holds', () => {
  const { facts } = servingWorld()
  const read: PostgresFacts = {
    kind: 'read',
    tenant: facts,
    template: { name: '', kind: 'absent', sessions: 0 },
    problem: undefined,
  }
  const marked = (mark: object): PostgresFacts => {
    if (facts.database.kind !== 'ready') return expect.fail('no database')
    const database = { ...facts.database, mark: { ...facts.database.mark, ...mark } }
    return { ...read, tenant: { ...facts, database } }
  }
  const ask = (spec: object, readContent: World['readContent'], postgres: PostgresFacts = read) => {
    const tenant = aTenant(spec)
    return changeFacts(
      world([], [], readContent),
      tenant,
      aClass(),
      wantedExtras(tenant, undefined),
      place,
      postgres,
    )
  }
  const content = { modules: new Map([['crm', 'installed']]), languages: new Map() }
  it('is read while something is wanted, and not otherwise', async () => {
    let reads = 0
    const readContent = async () => {
      reads += 1
      return content
    }
    expect((await ask({ modules: ['crm'] }, readContent)).held).toMatchObject({ kind: 'read', ...content })
    expect((await ask({}, readContent)).held).toMatchObject({ kind: 'unread' })
    expect(reads).toBe(1)
  })
  it('is read of a tenant that has what it wants, when its server is asked anyway, and not during a change', async () => {
    const { digest, attempt } = wantedExtras(aTenant({ modules: ['crm'] }), undefined)
    const readContent = async () => content
    const kindOf = async (postgres: PostgresFacts) =>
      (await ask({ modules: ['crm'] }, readContent, postgres)).held.kind
    expect(await kindOf(marked({ extras: digest }))).toBe('read')
    expect(await kindOf(quiet)).toBe('unread')
    expect(await kindOf(marked({ failed: attempt }))).toBe('unread')
    expect(await kindOf(marked({ change: { digest: attempt, stage: 'running' } }))).toBe('unread')
  })
  it('may not be known', async () => {
    const readContent = () => Promise.reject(new PostgresError('Unreachable', 'PostgreSQL does not answer'))
    expect((await ask({ modules: ['crm'] }, readContent)).held).toMatchObject({
      kind: 'unavailable',
      problem: 'PostgreSQL does not answer',
    })
  })
})
