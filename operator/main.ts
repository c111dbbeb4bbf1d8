/**
 * Start here: the operator with its real neighbours, PostgreSQL servers and the tenants' own login pages. With the
 * argument `plan` it is the command that tells what the operator would do (plan-command.ts), with `recover` the one that
 * brings tenants back from the store (recover-command.ts), with `shred` the one that ends the points of a tenant that is gone
 * (shred-command.ts).
 */
import { hostname } from 'node:os'
import { readConfig } from './config.ts'
import { askLogin } from './odoo/login-probe.ts'
import { planCommand } from './plan-command.ts'
import { connectPostgres } from './postgres/connect.ts'
import { recoverCommand } from './recover-command.ts'
import { shredCommand } from './shred-command.ts'
import { startOperator } from './start.ts'

const outside = { connectPostgres, askLogin }
const [command, ...args] = process.argv.slice(2)

async function main(): Promise<number> {
  const config = readConfig(process.env, hostname())
  switch (command) {
    case undefined:
      return (await startOperator(config, outside)) === 'stopped' ? 0 : 1
    case 'plan':
      return planCommand(args, config, outside, console.log)
    case 'recover':
      return recoverCommand(args, console.log)
    case 'shred':
      return shredCommand(args, config, console.log)
    default:
      throw new Error(
        `there is no command ${command}; use plan, recover or shred, or none to run the operator`,
      )
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`tenantops: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
