/**
 * The real operator as a process that ends itself by SIGKILL: from effect `CRASH_FROM` on at the first that belongs to
 * one of the steps `CRASH_WANTED` names with their sides, at the latest at effect `CRASH_AT`. An effect is a write to the API server
 * (but for Lease and Events) or a change at PostgreSQL; it is caught before it leaves the process, or after its answer
 * came and before anybody read it. PostgreSQL is the fake process behind `FLEET_POSTGRES_SOCKET`, which outlives us;
 * nobody asks login pages. Each effect is written to `CRASH_JOURNAL`, one line when it begins and one when it is done, and
 * a last one says where it was killed.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import { connectFakePostgres } from '../../../bench/fleet/postgres-client.ts'
import { readConfig } from '../../../operator/config.ts'
import type { PostgresServer } from '../../../operator/postgres/server.ts'
import { startOperator } from '../../../operator/start.ts'
import { nameOfStep, type Side } from './steps-killed.ts'

const {
  CRASH_JOURNAL = '/dev/null',
  CRASH_FROM,
  CRASH_AT,
  CRASH_WHEN,
  FLEET_POSTGRES_SOCKET = '',
} = process.env
const killFrom = CRASH_FROM === undefined ? Number.POSITIVE_INFINITY : Number(CRASH_FROM)
const killAt = CRASH_AT === undefined ? Number.POSITIVE_INFINITY : Number(CRASH_AT)
const wanted: ReadonlySet<string> = new Set(process.env.CRASH_WANTED?.split(','))
const running = new AsyncLocalStorage<{ readonly kind: string }>()
channel('tenantops:step').bindStore(running)
let effects = 0

interface Effect {
  readonly number: number
  readonly step: string
}

function note(line: string): void {
  appendFileSync(CRASH_JOURNAL, `${line}\n`)
}

function begins(what: string): Effect {
  effects += 1
  const effect = { number: effects, step: nameOfStep(running.getStore()) }
  note(`begin ${effect.number} ${effect.step} ${what}`)
  dieAt('before', effect)
  return effect
}

function ends(effect: Effect): void {
  note(`end ${effect.number}`)
  dieAt('after', effect)
}

function dieAt(side: Side, { number, step }: Effect): void {
  const hit = effects >= killFrom && wanted.has(`${side} ${step}`)
  const late = number >= killAt && side === CRASH_WHEN
  if (!hit && !late) return
  note(`kill ${side} ${number}`)
  process.kill(process.pid, 'SIGKILL')
}

const underWay = new WeakMap<object, Effect>()
// The transport's own library tells of each request before it is sent, and when its answer has come.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { method: string; path: string } }
  const path = request.path.split('?')[0] ?? ''
  if (request.method === 'GET' || /\/events(\/|$)/.test(path)) return
  if (path.includes('/leases/')) return note(`lease ${request.method}`)
  underWay.set(request, begins(`${request.method} ${path}`))
})
subscribe('undici:request:headers', (message) => {
  const effect = underWay.get((message as { request: object }).request)
  if (effect !== undefined) ends(effect)
})
for (const signal of ['SIGTERM'] as const) process.on(signal, () => note(`signal ${Date.now()}`))

const reading: ReadonlySet<string> = new Set([
  'id',
  'close',
  'ping',
  'preflight',
  'tenantFacts',
  'verifyLogin',
  'tenantContent',
  'moduleStates',
  'listTenants',
  'templateFacts',
  'listTemplates',
])

function counted(server: PostgresServer): PostgresServer {
  return new Proxy(server, {
    get: (target, name: keyof PostgresServer) => {
      const method = target[name]
      if (reading.has(name) || typeof method !== 'function') return method
      return async (...args: readonly unknown[]) => {
        const effect = begins(`postgres ${name}`)
        try {
          return await Reflect.apply(method, target, args)
        } finally {
          ends(effect)
        }
      }
    },
  })
}

const connect = connectFakePostgres(FLEET_POSTGRES_SOCKET)
const ended = await startOperator(readConfig(process.env, 'operator'), {
  connectPostgres: (settings) => counted(connect(settings)),
  askLogin: async () => ({ kind: 'answered', milliseconds: 0 }),
})
process.exitCode = ended === 'stopped' ? 0 : 1
