/**
 * A customer left, and the contract says until when the data is kept. It is announced before it is destroyed, a person
 * can put the end off or take the data back, and then nothing of it is left: no database, role, volume or Secret. The
 * notice is ten seconds here (setup.ts), a day for users.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'

const namespace = 'leavers'
const bakery = { namespace, name: 'bakery' }

describe('data of a deleted tenant that is retained until an instant', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string
  let database: string

  const annotation = async (key: string) => {
    const found = await story.get<{ metadata: { annotations?: Record<string, string> } }>('ns', runtime)
    return found?.metadata.annotations?.[key]
  }
  const events = async (reason: string) => {
    const list = await story.get<{ items: { note?: string; message?: string; type: string }[] }>(
      'events',
      '-n',
      'default',
      `--field-selector=involvedObject.kind=Namespace,involvedObject.name=${runtime},reason=${reason}`,
    )
    return list?.items.map(({ type, message = '' }) => `${type}: ${message}`) ?? []
  }
  const retained = () => story.run('delete', 'odootenant', 'bakery', '-n', namespace, '--timeout=120s')

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('retain-until')
    tenant = await story.ready(bakery)
    runtime = runtimeOf(tenant)
    database = databaseOf(tenant)
  })
  afterAll(() => end(story, namespace))

  it('is announced when the tenant is deleted, although its end is long past', async () => {
    await retained()
    const sweepAt = await eventually('the end to be announced', 60, () => annotation('tenantops.io/sweep-at'))
    expect(Date.parse(sweepAt) - Date.now()).toBeGreaterThan(0)
    const [said = ''] = await eventually('the event', 30, async () => {
      const found = await events('RetentionEnding')
      return found.length > 0 && found
    })
    expect(said).toBe(
      `Warning: database ${database}, volume and Secrets of the deleted tenant leavers/bakery are destroyed for good at ${sweepAt}; to keep them longer, move or remove the annotation tenantops.io/retain-until of namespace ${runtime}, or create the tenant again with spec.adopt: true`,
    )
  })

  it('is kept when a tenant adopts it in time, with nothing left of the announcement', async () => {
    await story.apply(
      JSON.stringify({
        apiVersion: tenant.apiVersion,
        kind: tenant.kind,
        metadata: bakery,
        spec: { ...tenant.spec, adopt: true },
      }),
    )
    const adopted = await story.ready(bakery)
    expect(databaseOf(adopted)).toBe(database)
    expect(await annotation('tenantops.io/sweep-at')).toBeUndefined()
    expect(await annotation('tenantops.io/retain-until')).toBeUndefined()
  })

  it('is kept when a person puts the end off', async () => {
    await retained()
    const far = '2099-01-01T00:00:00Z'
    await story.run('annotate', 'ns', runtime, `tenantops.io/retain-until=${far}`, '--overwrite')
    const soon = await annotation('tenantops.io/sweep-at')
    // Past the end that was announced, it is all still there.
    await eventually('the announced end to pass', 60, async () => Date.parse(soon ?? '') < Date.now() - 3_000)
    expect(await story.get('pvc', 'filestore', '-n', runtime)).toMatchObject({ status: { phase: 'Bound' } })
    expect(await databases()).toEqual([database])
  })

  it('is destroyed at its end: database, roles, volume and Secrets', async () => {
    const now = new Date().toISOString().replace(/\.\d+/, '')
    await story.run('annotate', 'ns', runtime, `tenantops.io/retain-until=${now}`, '--overwrite')
    await eventually(
      'the namespace to be gone',
      90,
      async () => (await story.get('ns', runtime)) === undefined,
    )
    expect(await databases()).toEqual([])
    expect(
      await asSuperuser(story, 'postgres', `SELECT rolname FROM pg_roles WHERE rolname LIKE '${database}%'`),
    ).toEqual([])
    expect(await events('RetentionEnded')).toEqual([
      `Normal: the data kept of the deleted tenant leavers/bakery was destroyed, as its retainUntil said: database ${database}, volume and Secrets`,
    ])
  })

  function databases() {
    return asSuperuser(story, 'postgres', `SELECT datname FROM pg_database WHERE datname = '${database}'`)
  }
})
