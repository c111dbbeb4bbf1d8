/**
 * Somebody deletes the namespace with the tenants in it, in the middle of things. It ends clean: nothing hangs, what was
 * to be kept is kept, and what was to go is gone.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'

const namespace = 'quitters'
const chandler = { namespace, name: 'chandler' }
const tinker = { namespace, name: 'tinker' }

describe('a namespace that is deleted with its tenants', () => {
  let story: Story
  let kept: OdooTenant

  const databases = () =>
    asSuperuser(
      story,
      'postgres',
      `SELECT datname FROM pg_database WHERE datname ~ '^t_' AND shobj_description(oid, 'pg_database') LIKE '%${kept.metadata.uid}%'`,
    )

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('delete-namespace')
    kept = await story.ready(chandler)
  })
  afterAll(async () => {
    await end(story, namespace)
    const name = kept.status?.database?.name
    await asSuperuser(story, 'postgres', `DROP DATABASE IF EXISTS "${name}"`)
    await asSuperuser(
      story,
      'postgres',
      `DROP ROLE IF EXISTS "${kept.status?.placement?.login}", "${kept.status?.database?.owner}"`,
    )
  })

  it('goes, with one tenant serving and one being made', async () => {
    await story.run('delete', 'odootenant', 'tinker', '-n', namespace, '--timeout=120s')
    await story.example('delete-namespace')
    const begun = await eventually('the second tenant to be under way', 60, async () => {
      const seen = await story.tenant(tinker)
      return seen.status?.namespace !== undefined && seen
    })
    await story.run('delete', 'namespace', namespace, '--timeout=150s')
    await eventually(
      'the runtime namespace of the one that leaves nothing to be gone',
      90,
      async () => (await story.get('namespace', runtimeOf(begun))) === undefined,
    )
    const left = await asSuperuser(
      story,
      'postgres',
      `SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_${begun.metadata.uid.replaceAll('-', '').slice(0, 12)}%'`,
    )
    expect(left).toEqual([])
  })

  it('leaves what was to be kept: database and volume, sealed and labelled', async () => {
    expect(await databases()).toEqual([databaseOf(kept)])
    const found = await story.get<{ metadata: { labels: Record<string, string> } }>(
      'namespace',
      runtimeOf(kept),
    )
    expect(found?.metadata.labels).toMatchObject({
      'tenantops.io/retained': 'true',
      'tenantops.io/tenant': 'chandler',
      'tenantops.io/tenant-namespace': namespace,
    })
    expect(await story.get('pvc', 'filestore', '-n', runtimeOf(kept))).toMatchObject({
      status: { phase: 'Bound' },
    })
    expect(await story.run('get', 'pods', '-n', runtimeOf(kept), '-o', 'name')).toBe('')
  })
})
