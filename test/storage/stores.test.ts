/**
 * Every kind of store, each as it is best used: an S3 server with a certificate of its own CA whose writer may remove nothing
 * but locks, a REST server that only takes in, and a volume. Points come back; whoever makes them cannot remove them; whoever
 * may, does.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { repositoryPlaces } from '../../operator/agent/point-paths.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import { snapshotsArguments } from '../../operator/restic/commands.ts'
import type { StoreCredentials } from '../../operator/restic/repository.ts'
import { runRestic } from '../../operator/restic/run.ts'
import {
  type BackedUpTenant,
  completePoint,
  odooTables,
  sourceOf,
  startTenant,
} from '../fixtures/backed-up-tenant.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { startS3 } from '../fixtures/s3.ts'
import { type Stores, storeKinds } from '../fixtures/store-kinds.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

const template = 'tpl_stores_abcdef12345'
let opened: TemplatedPostgres
let postgres: PostgresFixture
let server: PostgresServer
beforeAll(async () => {
  opened = await startTemplatedPostgres(template, { tables: odooTables, seconds: 590 })
  ;({ postgres, server } = opened)
})
afterAll(() => opened?.stop())

/** A folder with a pg_dump that PostgreSQL refuses. */
function withFailingDump(folder: string): string {
  mkdirSync(folder)
  const real = join(postgres.binaries.bin, 'pg_dump')
  writeFileSync(
    join(folder, 'pg_dump'),
    `#!/bin/sh\n[ "$1" = --version ] && exec ${real} "$@"\necho "pg_dump: error: permission denied" >&2\nexit 1\n`,
    { mode: 0o755 },
  )
  return folder
}

describe.each(storeKinds)('%s', (_kind, digits, open) => {
  let stores: Stores
  let tenant: BackedUpTenant
  let other: BackedUpTenant
  beforeAll(async () => {
    stores = await open(['acme', `tenant-${digits}`])
    tenant = await startTenant(server, postgres, stores.writer, { digits, template })
    other = await startTenant(server, postgres, stores.writer, { digits: `${digits}0`, template })
    for (let i = 0; i < 5; i++) await tenant.attach(randomBytes(30_000))
  })
  afterAll(async () => {
    tenant?.stop()
    other?.stop()
    await stores?.stop()
  })
  const mount = (credentials: StoreCredentials) => {
    for (const [file, content] of Object.entries(credentials))
      writeFileSync(join(tenant.paths.store, file), content)
  }
  const points = async () => {
    const { result } = await tenant.agent('list-points', { repository: tenant.spec.repository })
    return (result as { points: { point: string }[] }).points.map(({ point }) => point)
  }
  const look = () =>
    runRestic(repositoryPlaces(tenant.spec.repository, tenant.paths).tenant, snapshotsArguments(), {
      path: tenant.hand.path,
      signal: new AbortController().signal,
      patience: 5_000,
    })

  test('points are made, found and brought back', async () => {
    const made = await completePoint(tenant, 'first')
    await tenant.attach(randomBytes(30_000))
    const second = await completePoint(tenant, 'second')
    expect(second.bytesAdded, 'only what is new is stored').toBeLessThan(made.bytesAdded / 2)
    expect(await points()).toEqual(['second', 'first'])
    const restored = await other.agent('restore-point', tenant.restoring(sourceOf(made), other))
    expect(restored).toMatchObject({
      code: 0,
      result: { ok: true, evidence: expect.arrayContaining(['5 files by their SHA-1']) },
    })
  })

  test('whoever makes points removes none where the store sees to it; whoever may, removes also what was left', async () => {
    // What a pod leaves that ends once its files are stored.
    const before = withFailingDump(join(tenant.root, 'failing'))
    const failing = tenant.start('back-up', { ...tenant.spec, point: 'half' }, { before })
    expect(await failing.ended).toMatchObject({ result: { ok: false, reason: 'DumpFailed' } })
    const third = await completePoint(tenant, 'third')
    const { repository, tenant: who } = tenant.spec
    const snapshots = Object.values(third.snapshots)
    const forget = { repository, tenant: who, snapshots, prune: true }
    const { pruner } = stores
    if (pruner) {
      expect((await look()).join('').match(/"id":/g), 'the half of it stays').toHaveLength(7)
      expect(await tenant.agent('forget', forget)).toMatchObject({
        code: 1,
        result: undefined,
        said: expect.stringMatching(/lets nothing be removed .*pruneCredentialsSecret/),
      })
      expect(await points(), 'nothing is gone').toEqual(['third', 'second', 'first'])
      mount(pruner.credentials)
    }
    const removing = { ...forget, repository: pruner?.repository ?? repository }
    expect(await tenant.agent('forget', removing)).toMatchObject({
      code: 0,
      result: { ok: true, forgotten: 2 },
    })
    mount(stores.writer.credentials)
    expect(await points()).toEqual(['second', 'first'])
    expect((await look()).join('').match(/"id":/g)).toHaveLength(4)
  })

  test('the end of all its points: keys first', async () => {
    const spec = { repository: stores.pruner?.repository ?? tenant.spec.repository }
    if (stores.pruner) {
      expect(await tenant.agent('shred', { repository: tenant.spec.repository })).toMatchObject({
        code: 0,
        result: { ok: false, reason: 'KeysNotRemoved' },
      })
      expect(await points()).toEqual(['second', 'first'])
      mount(stores.pruner.credentials)
    }
    expect(await tenant.agent('shred', spec)).toMatchObject({ code: 0, result: { ok: true, left: 0 } })
    mount(stores.writer.credentials)
    expect(await tenant.agent('list-points', { repository: tenant.spec.repository })).toMatchObject({
      result: { ok: false, problem: expect.stringMatching(/no restic repository|left half made/) },
    })
  })

  test('a store that is another than it should be is named', async () => {
    const { ca } = stores.writer
    if (ca !== undefined) {
      const foreign = await startS3({ tls: true })
      writeFileSync(join(tenant.paths.store, 'ca.crt'), foreign.ca ?? '')
      await expect(look()).rejects.toMatchObject({
        kind: 'untrusted',
        message: expect.stringMatching(/not of a CA that is known .*x509.*caSecret/),
      })
      writeFileSync(join(tenant.paths.store, 'ca.crt'), ca)
      await foreign.stop()
    }
    for (const file of ['password', 'secretAccessKey'].map((name) => join(tenant.paths.store, name)))
      if (existsSync(file)) {
        writeFileSync(file, 'wrong')
        await expect(look()).rejects.toMatchObject({
          kind: 'refused',
          message: expect.stringContaining('credentialsSecret'),
        })
      }
    mount(stores.writer.credentials)
    if (stores.kill) {
      await stores.kill()
      await expect(look()).rejects.toMatchObject({ kind: 'unreachable' })
    }
  })
})
