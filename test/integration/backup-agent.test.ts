/**
 * The agent of backups with the real restic, PostgreSQL and S3 server: what goes in comes out, twice the same is once, and
 * what is not whole is no point.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BackUpResult, PointSource } from '../../operator/agent/recovery-point.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import { type BackedUpTenant, odooTables, startTenant } from '../fixtures/backed-up-tenant.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import { type S3Fixture, startS3 } from '../fixtures/s3.ts'
import { buildSmallTemplate } from '../fixtures/small-template.ts'

const template = 'tpl_backups_abcdef12345'

let postgres: PostgresFixture
let server: PostgresServer
let s3: S3Fixture
let tenant: BackedUpTenant
let other: BackedUpTenant

beforeAll(async () => {
  postgres = await startPostgres()
  server = connectPostgres(postgres.admin)
  s3 = await startS3({ tls: true })
  await buildSmallTemplate(server, postgres, template, odooTables)
  tenant = await startTenant(server, postgres, s3, { digits: 'b1', template })
  other = await startTenant(server, postgres, s3, { digits: 'b2', template })
  for (let i = 0; i < 40; i++) await tenant.attach(randomBytes(1000 + i * 50))
}, 600_000)
afterAll(async () => {
  tenant?.stop()
  other?.stop()
  await server?.close()
  await postgres?.stop()
  await s3?.stop()
})

type Made = Extract<BackUpResult, { ok: true }>

async function backUp(point: string): Promise<Made> {
  const { code, result, said } = await tenant.agent('back-up', { ...tenant.spec, point })
  expect(said).toBe('')
  expect(code).toBe(0)
  expect(result).toMatchObject({ ok: true })
  return result as unknown as Made
}

const sourceOf = ({ snapshots, manifestDigest }: Made): PointSource => ({
  kind: 'snapshots',
  ...snapshots,
  manifestDigest,
})

test('a point comes back as it was, also over what another try left', async () => {
  const made = await backUp('point-1')
  expect(made).toMatchObject({ files: 40, missingFiles: 0 })
  const before = await tenant.query('SELECT count(*)::int AS count, max(id) AS last FROM mail_message')
  await tenant.query("INSERT INTO mail_message (body) VALUES ('after the point')")
  for (const round of ['first', 'second']) {
    const { code, result, said } = await tenant.agent(
      'restore-point',
      tenant.restoring(sourceOf(made), other),
    )
    expect({ round, code, said, result }).toMatchObject({ code: 0, result: { ok: true, point: 'point-1' } })
  }
  expect(await other.query('SELECT count(*)::int AS count, max(id) AS last FROM mail_message')).toEqual(
    before,
  )
})
