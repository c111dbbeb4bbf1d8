import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { PostgresError } from './errors.ts'
import { fakePostgres } from './fake.ts'
import { Pulse } from './pulse.ts'

const tenantClass = { metadata: { name: 'local' } } as TenantClass
const away = new PostgresError('Unreachable', 'PostgreSQL pg:5432 does not answer; check it')
const refused = new PostgresError('WrongPassword', 'PostgreSQL pg:5432 refuses role tenantops')

function place() {
  const server = fakePostgres()
  const told: string[] = []
  const blamed: unknown[] = []
  let classes: readonly TenantClass[] = [tenantClass]
  const pulse = new Pulse({
    servers: {
      of: async () => ({ server, facts: server.facts, ca: undefined }),
      blame: async (_, error) => {
        blamed.push(error)
      },
    },
    classes: () => classes,
    changed: (name) => told.push(`${name} ${pulse.outage(name) === undefined ? 'answers' : 'is away'}`),
    clock: new VirtualClock(),
  })
  return {
    pulse,
    told,
    blamed,
    setFault: (fault: PostgresError | undefined) => {
      server.fault = fault
    },
    setClasses: (wanted: readonly TenantClass[]) => {
      classes = wanted
    },
  }
}

test('says once that a server is away, at the second silence, and once that it is back', async () => {
  const { pulse, told, setFault } = place()
  await pulse.ask(tenantClass)
  setFault(away)
  await pulse.ask(tenantClass)
  expect(pulse.outage('local')).toBeUndefined()
  await pulse.ask(tenantClass)
  await pulse.ask(tenantClass)
  expect(pulse.outage('local')).toBe(away.message)
  setFault(undefined)
  await pulse.ask(tenantClass)
  await pulse.ask(tenantClass)
  expect(pulse.outage('local')).toBeUndefined()
  expect(told).toEqual(['local is away', 'local answers'])
})

test('a restart between two questions is no outage', async () => {
  const { pulse, told, setFault } = place()
  for (const fault of [away, undefined, away, undefined]) {
    setFault(fault)
    await pulse.ask(tenantClass)
  }
  expect(told).toEqual([])
})

test('a server that refuses the operator is not away, and its credentials are read again', async () => {
  const { pulse, told, blamed, setFault } = place()
  setFault(refused)
  for (let n = 0; n < 3; n += 1) await pulse.ask(tenantClass)
  expect(told).toEqual([])
  expect(blamed).toEqual([refused, refused, refused])
})

test('a class without tenants is asked no more, and its outage is forgotten', async () => {
  const { pulse, told, setFault, setClasses } = place()
  setFault(away)
  for (let n = 0; n < 2; n += 1) await pulse.ask(tenantClass)
  setClasses([])
  const stop = new AbortController()
  const running = pulse.run(stop.signal)
  stop.abort()
  await running
  expect(told).toEqual(['local is away', 'local answers'])
})
