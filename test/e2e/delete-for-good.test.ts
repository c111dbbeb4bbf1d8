/** A tenant whose manifest says deletionPolicy Delete leaves nothing behind, and its neighbour notices nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'trials'
const trial = { namespace, name: 'trial' }

interface Claim {
  readonly spec: { readonly volumeName: string }
}

describe('a deleted tenant with deletionPolicy Delete', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string
  let database: string
  let volume: string

  /** Databases and roles whose name begins so; other stories have theirs. */
  const named = async (start: string) => [
    ...(await asSuperuser(story, 'postgres', `SELECT datname FROM pg_database WHERE datname ^@ '${start}'`)),
    ...(await asSuperuser(story, 'postgres', `SELECT rolname FROM pg_roles WHERE rolname ^@ '${start}'`)),
  ]
  const bystander = 'nobody_of_trial'

  beforeAll(async () => {
    story = await begin(namespace)
    await asSuperuser(story, 'postgres', `CREATE ROLE ${bystander}`)
    await asSuperuser(story, 'postgres', `CREATE DATABASE ${bystander} OWNER ${bystander}`)
    await story.example('delete-for-good')
    tenant = await story.ready(trial)
    runtime = runtimeOf(tenant)
    database = databaseOf(tenant)
    volume = (await story.get<Claim>('pvc', 'filestore', '-n', runtime))?.spec.volumeName ?? ''
    expect(await named(database)).toHaveLength(3)
    expect(await story.get('persistentvolume', volume)).toBeDefined()
    await story.run('delete', 'odootenant', 'trial', '-n', namespace, '--timeout=180s')
  })
  afterAll(async () => {
    await asSuperuser(story, 'postgres', `DROP DATABASE IF EXISTS ${bystander}`)
    await asSuperuser(story, 'postgres', `DROP ROLE IF EXISTS ${bystander}`)
    await end(story, namespace)
  })

  it('has no database and no roles any more, and nobody else lost one', async () => {
    expect(await named(database)).toEqual([])
    expect(await named(bystander)).toEqual([bystander, bystander])
  })

  it('has no namespace and no volume any more', async () => {
    expect(await story.get('namespace', runtime)).toBeUndefined()
    await eventually(
      'the volume to be gone',
      60,
      async () => (await story.get('persistentvolume', volume)) === undefined,
    )
  })

  it('has no Secret with a password any more', async () => {
    await eventually(
      'the Secret to be gone',
      60,
      async () => (await story.get('secret', 'trial-admin', '-n', namespace)) === undefined,
    )
  })

  it('is not found at its host', async () => {
    await eventually('the route to be gone', 30, () => openVisitor(story.port, 'trial.localhost').unrouted())
  })

  it('leaves its name free for a new tenant', async () => {
    await story.example('delete-for-good')
    const again = await story.ready(trial)
    expect(runtimeOf(again)).toBe(runtime)
    expect(databaseOf(again)).not.toBe(database)
  })
})
