/**
 * What runs inside Jobs: `node /app/agent.mjs <command> <argument>`. Commands:
 *
 * `finish-template`: after Odoo has installed a blueprint's modules, verifies that it really did, and makes the
 * database fit for cloning. Files and paths: `agentPaths` and `TemplateSpec` in contract.ts. Environment: none.
 *   exit 0: the termination message holds one `TemplateResult`; `ok: false` is a verdict about the blueprint, and
 *           building again would give the same.
 * `verify-change <ChangeSpec as JSON>`: after Odoo has put modules and languages into a tenant's database, looks whether
 * they are there. Changes nothing.
 *   exit 0: the termination message holds one `ChangeResult`.
 * `exchange-files <ExchangeFilesSpec as JSON>`: links the files of a restore into a tenant's filestore; needs no database.
 *   exit 0: the termination message holds one `ExchangeFilesResult`.
 * Of all:
 *   exit 1: a fault worth a retry (server, network, disk, asked to stop); one sentence on standard error.
 *   exit 2: the Job itself is wrong (no such command, unreadable spec); one sentence on standard error.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { OdooOutcome } from '../odoo/extras.ts'
import { openSessions, type Sessions } from '../postgres/session.ts'
import {
  agentPaths,
  type ChangeResult,
  type ChangeSpec,
  type TemplateResult,
  type TemplateSpec,
} from './contract.ts'
import type { ExchangeFilesSpec } from './exchange-contract.ts'
import { exchangeFiles } from './exchange-files.ts'
import { finishTemplate, settingsOf } from './finish-template.ts'
import { pointCommandNames, runPointCommand } from './point-commands.ts'
import { termination } from './termination.ts'
import { loginSettingsOf, verifyChange } from './verify-change.ts'
import { WrongJob } from './wrong-job.ts'

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  const password = () => read(agentPaths.password).trim()
  const ca = () => read(agentPaths.ca)
  switch (command) {
    case 'finish-template': {
      const spec = parse<TemplateSpec>(agentPaths.spec, read(agentPaths.spec))
      const sessions = openSessions(settingsOf(spec, password(), ca))
      return answer(sessions, () => finishTemplate(spec, sessions, agentPaths.data))
    }
    case 'verify-change': {
      const spec = parse<ChangeSpec>('the argument of verify-change', argument ?? '')
      const outcome = parse<OdooOutcome>(agentPaths.outcome, read(agentPaths.outcome))
      const sessions = openSessions(loginSettingsOf(spec, password(), ca))
      return answer(sessions, () => verifyChange(spec, sessions, outcome))
    }
    case 'exchange-files': {
      const spec = parse<ExchangeFilesSpec>('the argument of exchange-files', argument ?? '')
      return write(agentPaths.result, JSON.stringify(await exchangeFiles(spec, agentPaths.data)))
    }
    default: {
      if (!pointCommandNames.includes(command ?? ''))
        throw new WrongJob(
          `agent: there is no command "${command ?? ''}"; use finish-template, verify-change, exchange-files, ${pointCommandNames.join(', ')}`,
        )
      const spec = parse<unknown>(`the argument of ${command}`, argument ?? '')
      const { result, path } = await runPointCommand(command ?? '', spec)
      return write(path, termination(result))
    }
  }
}

async function answer(sessions: Sessions, work: () => Promise<TemplateResult | ChangeResult>): Promise<void> {
  try {
    write(agentPaths.result, termination(await work()))
  } finally {
    await sessions.close()
  }
}

function write(path: string, text: string): void {
  console.log(text)
  writeFileSync(path, text)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new WrongJob(
      `agent: cannot read ${path} (${error instanceof Error ? error.message : error}); the Job must mount it`,
    )
  }
}

function parse<T>(what: string, text: string): T {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new WrongJob(`agent: ${what} is not JSON (${error instanceof Error ? error.message : error})`)
  }
}

try {
  await main(process.argv[2], process.argv[3])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof WrongJob ? 2 : 1
}
