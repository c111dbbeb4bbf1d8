/** The fake PostgreSQL process keeps what it was told over its clients' lives, and says faults as the real driver does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive, recordedProcesses } from '../../test/cluster/processes.ts'
import { connectFakePostgres, dumpPostgres, odooInPostgres, setPostgresAway } from './postgres-client.ts'
import { type PostgresProcess, startPostgresProcess } from './postgres-process.ts'

const settings = {
  host: 'postgres.test',
  port: 5432,
  user: 'admin',
  password: 'secret',
  passwordSource: 'Secret x/y',
  tls: { kind: 'disable' },
} as const
const id = 'postgres.test:5432'
const names = { database: 't_1', owner: 't_1', login: 't_1_d1' }
const mark = {
  kind: 'template',
  digest: 'd',
  blueprint: 'b',
  series: '14.0',
  built: 't',
  modules: [],
} as const

let run: string
let served: PostgresProcess
beforeEach(async () => {
  run = mkdtempSync(join(tmpdir(), 'fake-postgres-'))
  served = await startPostgresProcess(run)
})
afterEach(async () => {
  await served.stop()
  rmSync(run, { recursive: true })
})

test('a client that is gone leaves its databases to the next one', async () => {
  const first = connectFakePostgres(served.socket)(settings)
  await first.createTemplateDatabase('tpl_1', 'x')
  await first.sealTemplate('tpl_1', mark)
  await first.ensureTenantRoles(names)
  await first.cloneDatabase(names, 'tpl_1')
  await first.close()

  const second = connectFakePostgres(served.socket)(settings)
  expect(await second.tenantFacts(names)).toMatchObject({
    database: { kind: 'cloned' },
    ownerRole: 'present',
    loginRole: 'login',
  })
  expect((await second.listTemplates()).map((template) => template.mark)).toEqual([mark])
  expect(await dumpPostgres(served.socket, id)).toMatchObject({
    databases: { t_1: { kind: 'cloned' } },
    calls: { cloneDatabase: 1, tenantFacts: 1 },
  })
  await second.close()
})

test('faults come as the typed errors of the driver', async () => {
  const server = connectFakePostgres(served.socket)(settings)
  await expect(server.cloneDatabase(names, 'tpl_none')).rejects.toMatchObject({ fault: 'DatabaseMissing' })
  await setPostgresAway(served.socket, id, true)
  await expect(server.ping()).rejects.toMatchObject({ fault: 'Unreachable', transient: true })
  await setPostgresAway(served.socket, id, false)
  await server.ping()
  await served.stop()
  await expect(server.ping()).rejects.toMatchObject({ fault: 'Unreachable' })
})

test('module states are a Map again', async () => {
  const server = connectFakePostgres(served.socket)(settings)
  await server.createTemplateDatabase('tpl_1', 'x')
  await server.ensureTenantRoles(names)
  await server.cloneDatabase(names, 'tpl_1')
  await server.setLoginPassword(names, 'p', '1')
  expect((await server.moduleStates(names, 'p')).get('base')).toBe('installed')
  const held = async () => (await server.tenantContent(names, 'p')).modules.get('crm')
  for (const [act, state] of [
    ['install', 'installed'],
    ['uninstall', 'uninstalled'],
  ] as const) {
    await odooInPostgres(served.socket, id, act, names.database, ['crm'])
    expect(await held()).toBe(state)
  }
  await server.close()
})

test('stop leaves no process', async () => {
  const [process] = [...recordedProcesses(run).values()]
  expect(process && isAlive(process)).toBe(true)
  await served.stop()
  expect(process && isAlive(process)).toBe(false)
})
