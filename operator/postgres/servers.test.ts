import { expect, test } from 'vitest'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { KubeClient } from '../kube/client.ts'
import { PostgresError } from './errors.ts'
import { fakePostgres } from './fake.ts'
import type { PostgresSettings, ServerProblem } from './server.ts'
import { PostgresServers } from './servers.ts'

const tenantClass = {
  metadata: { name: 'local' },
  spec: { postgres: { host: 'pg', adminSecret: 'postgres-admin', sslMode: 'disable' } },
} as unknown as TenantClass
const refused = new PostgresError('WrongPassword', 'PostgreSQL pg:5432 refuses role tenantops')

function place() {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const secret = { password: 'old' }
  const connected: PostgresSettings[] = []
  const server = fakePostgres()
  const get = async () => ({ data: { username: base64('tenantops'), password: base64(secret.password) } })
  const servers = new PostgresServers({
    client: { get } as unknown as KubeClient,
    namespace: 'ops',
    connect: (settings) => {
      connected.push(settings)
      return server
    },
  })
  return { secret, connected, server, servers, passwords: () => connected.map(({ password }) => password) }
}

test('one connection serves every question', async () => {
  const { servers, passwords } = place()
  await Promise.all([servers.of(tenantClass), servers.of(tenantClass)])
  await servers.of(tenantClass)
  expect(passwords()).toEqual(['old'])
})

test('refused credentials are read again, other faults keep the connection', async () => {
  const { servers, secret, passwords } = place()
  await servers.of(tenantClass)
  secret.password = 'new'
  await servers.blame('local', new PostgresError('Unreachable', 'no answer'))
  await servers.of(tenantClass)
  expect(passwords()).toEqual(['old'])
  await servers.blame('local', refused)
  await servers.of(tenantClass)
  expect(passwords()).toEqual(['old', 'new'])
})

test('a connection that could not be opened is opened again', async () => {
  const { servers, server, passwords } = place()
  server.fault = refused
  await expect(servers.of(tenantClass)).rejects.toThrow(refused.message)
  server.fault = undefined
  await servers.of(tenantClass)
  expect(passwords()).toEqual(['old', 'old'])
})

test('an unfit server is examined at each question, until what was wrong is mended', async () => {
  const { servers, server, passwords } = place()
  const problem: ServerProblem = { reason: 'MissingPrivilege', weight: 'refuse', sentence: 'lacks CREATEDB' }
  const warning: ServerProblem = { reason: 'NoExtension', weight: 'warn', sentence: 'no unaccent' }
  server.facts = { ...server.facts, problems: [problem] }
  expect((await servers.of(tenantClass)).facts.problems).toEqual([problem])
  server.facts = { ...server.facts, problems: [warning] }
  expect((await servers.of(tenantClass)).facts.problems).toEqual([warning])
  await servers.of(tenantClass)
  expect(server.calls.filter((call) => call === 'preflight')).toHaveLength(2)
  expect(passwords()).toEqual(['old'])
})
