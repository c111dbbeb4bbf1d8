/** Start here: the operator with its real neighbours, PostgreSQL servers and the tenants' own login pages. */
import { hostname } from 'node:os'
import { readConfig } from './config.ts'
import { askLogin } from './odoo/login-probe.ts'
import { connectPostgres } from './postgres/connect.ts'
import { startOperator } from './start.ts'

try {
  const ended = await startOperator(readConfig(process.env, hostname()), { connectPostgres, askLogin })
  process.exitCode = ended === 'stopped' ? 0 : 1
} catch (error) {
  console.error(`tenantops: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
