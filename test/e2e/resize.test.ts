/**
 * A tenant that grows: another plan, larger pods, a larger volume, and nobody notices. While its pods are replaced one by
 * one, people go on loading pages, and every page is counted. Back to less disk is refused with the reason.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { begin, condition, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'growers'
const orchard = { namespace, name: 'orchard' }
const host = 'orchard.localhost'

/** People who load a page again and again, one after the other each, until told to stop. */
function people(port: number, how: number) {
  let stopped = false
  const failures: string[] = []
  let answered = 0
  const person = async () => {
    while (!stopped) {
      const page = await openVisitor(port, host)
        .get('/web/login')
        .catch((error: Error) => ({ status: error.message }))
      if (page.status === 200) answered += 1
      else failures.push(`${new Date().toISOString()} ${page.status}`)
    }
  }
  const all = Promise.all(Array.from({ length: how }, person))
  return {
    stop: async () => {
      stopped = true
      await all
      return { answered, failures }
    },
  }
}

describe('a tenant that is given a larger plan', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string

  const capacity = async () => {
    const claim = await story.get<{ status: { capacity: { storage: string } } }>(
      'pvc',
      'filestore',
      '-n',
      runtime,
    )
    return claim?.status.capacity.storage
  }
  const podsOf = async () =>
    (await story.run('get', 'pods', '-n', runtime, '-l', 'app.kubernetes.io/component=web', '-o', 'name'))
      .split('\n')
      .filter(Boolean)

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('resize', '10-tenant.yaml')
    tenant = await story.ready(orchard)
    runtime = runtimeOf(tenant)
  })
  afterAll(async () => {
    await end(story, namespace)
    await story.run('delete', 'tenantplan', 'pair', 'larger-pair', '--ignore-not-found')
  })

  it('loses no request while its pods are replaced', async () => {
    const before = await podsOf()
    expect(before).toHaveLength(2)
    const visitors = people(story.port, 3)
    const began = performance.now()
    await story.example('resize', '20-larger.yaml')
    await eventually('both pods to be new ones', 240, async () => {
      const now = await podsOf()
      return now.length === 2 && now.every((pod) => !before.includes(pod))
    })
    const seconds = (performance.now() - began) / 1000
    const { answered, failures } = await visitors.stop()
    console.log(`resized in ${seconds.toFixed(1)} s: ${answered} pages answered, ${failures.length} not`)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(10)
    const pods = await story.get<{
      items: { spec: { containers: { resources: { limits: { memory: string } } }[] } }[]
    }>('pods', '-n', runtime, '-l', 'app.kubernetes.io/component=web')
    expect(pods?.items.map((pod) => pod.spec.containers[0]?.resources.limits.memory)).toEqual([
      '768Mi',
      '768Mi',
    ])
  })

  it('has the larger volume', async () => {
    await eventually('the volume to be grown', 60, async () => (await capacity()) === '2Gi')
    expect(condition(await story.ready(orchard), 'Ready')?.reason).toBe('Serving')
  })

  it('is refused the smaller volume, serves on, and heals when the plan is taken back', async () => {
    await story.example('resize', '10-tenant.yaml')
    const refused = await eventually('the refusal', 60, async () => {
      const seen = await story.tenant(orchard)
      return condition(seen, 'Stalled') && seen
    })
    expect(condition(refused, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'FieldImmutable',
      message: `PersistentVolumeClaim filestore in namespace ${runtime} cannot be changed this way (spec.resources.requests.storage): spec.resources.requests.storage: Forbidden: field can not be less than status.capacity; choose a plan whose spec.filestore.size is no smaller than before, since a volume can only grow`,
    })
    expect((await openVisitor(story.port, host).get('/web/login')).status).toBe(200)
    await story.example('resize', '20-larger.yaml')
    expect(condition(await story.ready(orchard), 'Stalled')).toBeUndefined()
  })
})
