/** An engineer works on a tenant by hand: it is paused, the operator says what it would do, and does it afterwards. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { begin, condition, end, eventually, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'surgeons'
const clinic = { namespace, name: 'clinic' }
const host = 'clinic.localhost'

describe('a tenant that is paused', () => {
  let story: Story

  /** `tenantops plan` where the operator runs. */
  const plan = (...args: readonly string[]) =>
    story.try('exec', '-n', 'tenantops-system', 'deploy/tenantops', '--', 'tenantops', 'plan', ...args)

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('pause-and-plan', '10-tenant.yaml')
    await story.ready(clinic)
  })
  afterAll(() => end(story, namespace))

  it('has nothing to do at first, which a script reads from the exit code', async () => {
    const asked = await plan('-n', namespace, 'clinic')
    expect(asked.stdout.trimEnd().split('\n')).toEqual([
      'OdooTenant surgeons/clinic',
      'now: Ready (Serving): the login page answers',
      'nothing to do',
    ])
    expect(asked.code).toBe(0)
  })

  it('says what a change would do and does nothing, while paused', async () => {
    await story.example('pause-and-plan', '20-paused.yaml')
    const paused = await eventually('the tenant to say so', 30, async () => {
      const seen = await story.tenant(clinic)
      return condition(seen, 'Paused')?.reason === 'ChangesHeld' && seen
    })
    expect(condition(paused, 'Paused')?.message).toBe(
      'paused: held back are point-to-front, deploy-release; remove the annotation tenantops.io/paused to go on',
    )
    expect(condition(paused, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
    expect(condition(paused, 'Reconciling')).toMatchObject({ status: 'True', reason: 'Paused' })
    expect((await openVisitor(story.port, host).get('/web/login')).status).toBe(200)
    const asked = await plan('-n', namespace, 'clinic')
    expect(asked.code).toBe(2)
    expect(asked.stdout).toContain('2. deploy-release: deploys Helm release clinic')
    expect(asked.stdout).toContain(
      'held back by the annotation tenantops.io/paused:\n  1. point-to-front: leads Service odoo',
    )
  })

  it('does it once the annotation is gone', async () => {
    await story.run('annotate', 'odootenant/clinic', '-n', namespace, 'tenantops.io/paused-')
    const suspended = await eventually('the tenant to be suspended', 120, async () => {
      const seen = await story.tenant(clinic)
      return condition(seen, 'Ready')?.reason === 'Suspended' && seen
    })
    expect(condition(suspended, 'Paused')).toBeUndefined()
  })

  it('is told to the command by a manifest too, which is refused as kubectl would refuse it', async () => {
    const manifest = (spec: object, metadata = clinic) =>
      JSON.stringify({ apiVersion: 'tenantops.io/v1alpha1', kind: 'OdooTenant', metadata, spec })
    const spec = { class: 'local', plan: 'starter', blueprint: 'office', channel: 'stable' }
    const ask = (text: string) =>
      story.tryWith(
        text,
        'exec',
        '-i',
        '-n',
        'tenantops-system',
        'deploy/tenantops',
        '--',
        'tenantops',
        'plan',
        '-f',
        '-',
      )
    const resumed = await ask(manifest({ ...spec, suspended: false }))
    expect(resumed.stdout).toContain('1. deploy-release: deploys Helm release clinic')
    expect(resumed.code).toBe(2)
    const another = await ask(manifest(spec, { namespace, name: 'practice' }))
    expect(another.stdout).toContain('OdooTenant surgeons/practice\nnow: not there yet')
    expect(another.stdout).toContain('create-namespace: makes namespace surgeons-practice')
    expect(another.code).toBe(2)
    const refused = await ask(manifest({ ...spec, hosts: ['not a host'] }))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('spec.hosts')
    expect(condition(await story.tenant(clinic), 'Ready')?.reason, 'nothing was changed').toBe('Suspended')
    expect(await story.get('odootenant', 'practice', '-n', namespace)).toBeUndefined()
  })
})
