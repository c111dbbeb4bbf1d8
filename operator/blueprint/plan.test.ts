/** Tables of a blueprint's plan and status, and what its Job's pods may do. */
import { describe, expect, it } from 'vitest'
import { wanted as aTemplate } from '../../test/fixtures/blueprint-world.ts'
import { aBlueprint, NOW } from '../../test/fixtures/tenant-objects.ts'
import type { TemplateFacts } from '../postgres/server.ts'
import { StepFailure } from '../tenant/failure.ts'
import { templateJob } from './manifests/template-job.ts'
import type { JobFacts, TemplateState } from './observation.ts'
import { FINALIZER, planBlueprint, type TemplateVerdict } from './plan.ts'
import { blueprintStatus } from './status.ts'

const wanted = aTemplate()
const made = aBlueprint()
const held = { ...made, metadata: { ...made.metadata, finalizers: [FINALIZER] } }
const read = (kind: TemplateFacts['kind'], job: JobFacts): TemplateState => ({
  kind: 'read',
  database: { name: wanted.database, kind, sessions: 0 },
  job,
})
const plan = (state: TemplateState) =>
  planBlueprint({ blueprint: held, rows: [{ wanted, state }], leftovers: [] }, NOW)
const ended: JobFacts = {
  kind: 'ended',
  result: { ok: true, modules: ['base', 'sale'], attachments: 1, seconds: 9 },
}
const refused: JobFacts = {
  kind: 'ended',
  result: { ok: false, reason: 'ModuleMissing', problem: 'module x does not exist' },
}
const broke = (ago: number): JobFacts => ({ kind: 'failed', problem: 'Job j failed', at: NOW - ago })

describe('planBlueprint', () => {
  it.each<[string, TemplateState, string[], string, string | undefined, number | undefined]>([
    [
      'nothing there',
      read('absent', { kind: 'absent' }),
      ['build'],
      'Building',
      'the template Job is about to start',
      undefined,
    ],
    [
      'a build cut off before its Job',
      read('building', { kind: 'absent' }),
      ['build'],
      'Building',
      'the template Job is about to start',
      undefined,
    ],
    [
      'the former Job going',
      read('building', { kind: 'leaving' }),
      [],
      'Building',
      `the former Job ${wanted.job} is still going`,
      undefined,
    ],
    [
      'the Job at work',
      read('building', { kind: 'running', problem: undefined }),
      [],
      'Building',
      `Job ${wanted.job} is installing 1 modules`,
      undefined,
    ],
    [
      'the Job in trouble',
      read('building', { kind: 'running', problem: 'image x cannot be pulled' }),
      [],
      'Building',
      'image x cannot be pulled',
      undefined,
    ],
    [
      'the Job done',
      read('building', ended),
      ['seal', 'remove-job'],
      'Building',
      'the template is being sealed',
      undefined,
    ],
    [
      'the Job done, its database gone',
      read('absent', ended),
      ['remove-job'],
      'Building',
      'the built database is gone; building again',
      undefined,
    ],
    ['refused', read('building', refused), [], 'Failed', 'module x does not exist', undefined],
    [
      'failed just now',
      read('building', broke(20_000)),
      [],
      'Failed',
      'Job j failed; it is tried again by itself',
      40_000,
    ],
    [
      'failed a while ago',
      read('building', broke(60_000)),
      ['remove-job'],
      'Building',
      'Job j failed; building again',
      undefined,
    ],
    ['sealed, Job still there', read('ready', ended), ['remove-job'], 'Ready', undefined, undefined],
    ['sealed', read('ready', { kind: 'absent' }), [], 'Ready', undefined, undefined],
    ['sealed, Job going', read('ready', { kind: 'leaving' }), [], 'Ready', undefined, undefined],
    ['PostgreSQL away', { kind: 'unavailable', problem: 'no answer' }, [], 'Building', 'no answer', 5_000],
  ])('%s', (_what, state, steps, verdict, message, check) => {
    const made = plan(state)
    expect(made.steps.map((step) => step.kind)).toEqual(steps)
    expect(made.verdicts).toEqual([{ wanted, state: verdict, ...(message === undefined ? {} : { message }) }])
    expect(made.checkAfterMs).toBe(check)
  })
  it('holds the blueprint first and drops what is left over last; a deleted one only drops', () => {
    const leftover = { class: wanted.class, database: 'tpl_old', job: 'tpl-old' }
    const rows = [{ wanted, state: read('absent', { kind: 'absent' }) }]
    const kinds = (blueprint: typeof made) =>
      planBlueprint({ blueprint, rows, leftovers: [leftover] }, NOW).steps.map((step) => step.kind)
    expect(kinds(made)).toEqual(['add-finalizer', 'build', 'drop'])
    expect(kinds({ ...held, metadata: { ...held.metadata, deletionTimestamp: 'x' } })).toEqual([
      'drop',
      'remove-finalizer',
    ])
    expect(kinds({ ...made, metadata: { ...made.metadata, deletionTimestamp: 'x' } })).toEqual([])
  })
})

describe('blueprintStatus', () => {
  const verdict = (state: TemplateVerdict['state'], message?: string): TemplateVerdict => ({
    wanted,
    state,
    ...(message ? { message } : {}),
  })
  const status = (verdicts: TemplateVerdict[], failure?: StepFailure, blueprint = made, now = NOW) =>
    blueprintStatus(blueprint, { steps: [], verdicts }, failure, now)
  it.each<[string, TemplateVerdict[], StepFailure | undefined, string[], string]>([
    [
      'nothing asked for',
      [],
      undefined,
      ['Ready False NothingToBuild'],
      'no template is needed yet: there is no ReleaseChannel or no TenantClass; create one of each',
    ],
    [
      'one ready',
      [verdict('Ready')],
      undefined,
      ['Ready True TemplatesReady'],
      '1 template is ready to be cloned',
    ],
    [
      'two ready',
      [verdict('Ready'), verdict('Ready')],
      undefined,
      ['Ready True TemplatesReady'],
      '2 templates are ready to be cloned',
    ],
    [
      'one building',
      [verdict('Ready'), verdict('Building', 'soon')],
      undefined,
      ['Ready False TemplateBuilding', 'Reconciling True TemplateBuilding'],
      'soon',
    ],
    [
      'one failed, before one building',
      [verdict('Building', 'soon'), verdict('Failed', 'no module')],
      undefined,
      ['Ready False TemplateFailed', 'Stalled True TemplateFailed'],
      'no module',
    ],
    [
      'a step failed',
      [verdict('Building', 'soon')],
      new StepFailure('DatabaseUnavailable', 'later', 'no answer'),
      ['Ready False DatabaseUnavailable', 'Reconciling True DatabaseUnavailable'],
      'no answer',
    ],
  ])('%s, and the same an hour later', (_what, verdicts, failure, conditions, message) => {
    const first = status(verdicts, failure)
    expect(first.conditions?.map((c) => `${c.type} ${c.status} ${c.reason}`)).toEqual(conditions)
    expect(first.conditions?.[0]?.message).toBe(message)
    expect(status(verdicts, failure, { ...made, status: first }, NOW + 3_600_000)).toEqual(first)
  })
  it('lists every template', () => {
    expect(status([verdict('Failed', 'no module')]).templates).toEqual([
      {
        class: 'standard',
        version: '17.0-1',
        image: 'odoo:17.0-1',
        digest: wanted.digest,
        database: wanted.database,
        state: 'Failed',
        message: 'no module',
      },
    ])
    expect(status([])).not.toHaveProperty('templates')
  })
})

describe('templateJob', () => {
  interface Container {
    readonly name: string
    readonly image: string
    readonly securityContext: unknown
    readonly resources: { readonly limits: { readonly memory: string } }
  }
  interface Pod {
    readonly securityContext: unknown
    readonly automountServiceAccountToken: boolean
    readonly initContainers: readonly Container[]
    readonly containers: readonly Container[]
  }
  const build = (verified: boolean) =>
    templateJob({
      wanted,
      blueprint: 'retail',
      namespace: 'tenantops-system',
      agentImage: 'agent:1',
      verified,
    })
  const pod = (build(true).spec as { template: { spec: Pod } }).template.spec
  it.each([...pod.initContainers, ...pod.containers].map((each) => [each.name, each] as const))(
    'runs container %s restricted',
    (_name, container) => {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(container.resources.limits.memory).toMatch(/^\d+[MG]i$/)
    },
  )
  it('runs as no root, without a token, Odoo before the agent', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(pod.automountServiceAccountToken).toBe(false)
    expect([...pod.initContainers, ...pod.containers].map((each) => `${each.name} ${each.image}`)).toEqual([
      'odoo odoo:17.0-1',
      'agent agent:1',
    ])
  })
  it('mounts the certificate only where there is one, and holds no password', () => {
    expect(JSON.stringify(build(true))).toContain('"path":"ca.crt"')
    expect(JSON.stringify(build(false))).not.toContain('"path":"ca.crt"')
    expect(build(true).metadata).toMatchObject({
      name: wanted.job,
      namespace: 'tenantops-system',
      labels: { 'tenantops.io/blueprint': 'retail', 'tenantops.io/template': wanted.database },
    })
  })
})
