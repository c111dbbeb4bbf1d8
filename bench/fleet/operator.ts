/**
 * The real operator as a process of its own, with two things beside it replaced: PostgreSQL by the fake process behind
 * `FLEET_POSTGRES_SOCKET` (left out: the real driver), and the question to the login page by a yes, because kwok's
 * pods serve nothing. Everything else is `operator/main.ts`; the settings come from the environment as there.
 * `FLEET_GAUGE_SOCKET` serves what can be counted only from inside.
 */
import { hostname } from 'node:os'
import { readConfig } from '../../operator/config.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import { startOperator } from '../../operator/start.ts'
import { serveGauge } from './gauge.ts'
import { connectFakePostgres } from './postgres-client.ts'

const socket = process.env.FLEET_POSTGRES_SOCKET
const gauge = process.env.FLEET_GAUGE_SOCKET
if (gauge !== undefined) serveGauge(gauge)
try {
  const ended = await startOperator(readConfig(process.env, hostname()), {
    connectPostgres: socket === undefined ? connectPostgres : connectFakePostgres(socket),
    askLogin: async () => ({ kind: 'answered', milliseconds: 0 }),
  })
  process.exitCode = ended === 'stopped' ? 0 : 1
} catch (error) {
  console.error(`tenantops: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
