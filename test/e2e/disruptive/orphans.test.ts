/**
 * Somebody takes the finalizer off a tenant by force, as people do at three in the morning. What it had is still there,
 * the class says so, nothing is deleted, and the tenant comes back with its data.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import { findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../../operator/api/v1alpha1/tenant-class.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'foundlings'
const nursery = { namespace, name: 'nursery' }

describe('a tenant whose custom resource was removed by force', () => {
  let story: Story
  let tenant: OdooTenant
  let password: string

  /** What the class says of this tenant; other stories may have left something, too. */
  const told = async () => {
    const seen = await story.get<TenantClass>('tenantclass', 'local')
    const found = findCondition(seen?.status?.conditions, 'OrphansFound')
    return found?.message.includes(`namespace ${runtimeOf(tenant)} (tenant foundlings/nursery)`)
      ? found
      : undefined
  }
  const counted = async () => {
    const url = `/api/v1/namespaces/${operatorNamespace}/services/tenantops:http/proxy/metrics`
    const metrics = await story.run('get', '--raw', url)
    return /^tenantops_orphans\{class="local",kind="Namespace"\} (\d+)$/m.exec(metrics)?.[1]
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('orphans', '10-tenant.yaml')
    tenant = await story.ready(nursery)
    password = await story.secret(namespace, 'nursery-admin', 'password')
    expect(await told()).toBeUndefined()
  })
  afterAll(() => end(story, namespace))

  it('leaves orphans that its class names and its metric counts', async () => {
    // Deleted while nobody looks, and its finalizer taken off before anybody can act on it.
    await story.run('scale', 'deployment/tenantops', '-n', operatorNamespace, '--replicas=0')
    await story.run('delete', 'odootenant', 'nursery', '-n', namespace, '--wait=false')
    await story.run(
      'patch',
      'odootenant/nursery',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    )
    await story.run('scale', 'deployment/tenantops', '-n', operatorNamespace, '--replicas=1')
    const condition = await eventually('the class to tell of the orphan', 120, told)
    expect(condition).toMatchObject({ status: 'True', reason: 'TenantsGone' })
    expect(condition.message).toMatch(/^no OdooTenant has them any more, and nothing deletes them: /)
    expect(condition.message).toContain(
      `; to take a tenant back, label its namespace tenantops.io/retained=true and create the tenant again with spec.adopt: true; to be rid of it, delete the namespace and drop the database`,
    )
    // The pod works before it is ready, and until then nobody is led to it.
    await story.run('rollout', 'status', 'deployment/tenantops', '-n', operatorNamespace, '--timeout=120s')
    await eventually('the metric', 30, async () => (await counted().catch(() => undefined)) === '1')
    expect(await story.run('describe', 'tenantclass', 'local')).toContain('OrphansFound')
  })

  it('still serves, since nothing was deleted', async () => {
    expect(await openVisitor(story.port, 'nursery.localhost').logIn('admin', password)).toBe(true)
  })

  it('comes back with its data by the way that the sentence names', async () => {
    await story.run('label', 'ns', runtimeOf(tenant), 'tenantops.io/retained=true')
    await story.example('orphans', '20-taken-back.yaml')
    const back = await story.ready(nursery)
    expect(databaseOf(back)).toBe(databaseOf(tenant))
    await eventually('the class to have nothing to tell', 60, async () => (await told()) === undefined)
    expect(await counted()).toBe('0')
  })
})
