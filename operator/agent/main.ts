/**
 * What runs inside Jobs: `node /app/agent.mjs <command>`. Commands:
 *
 * `finish-template`: after Odoo has installed a blueprint's modules, verifies that it really did, and makes the
 * database fit for cloning. Files and paths: `agentPaths` and `TemplateSpec` in contract.ts. Environment: none.
 *   exit 0: the termination message holds one `TemplateResult`; `ok: false` is a verdict about the blueprint, and
 *           building again would give the same.
 *   exit 1: a fault worth a retry (server, network, disk); one sentence on standard error.
 *   exit 2: the Job itself is wrong (no such command, unreadable spec); one sentence on standard error.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { openSessions } from '../postgres/session.ts'
import { agentPaths, type TemplateSpec } from './contract.ts'
import { finishTemplate, settingsOf } from './finish-template.ts'
import { termination } from './termination.ts'

class WrongJob extends Error {}

async function main(command: string | undefined): Promise<void> {
  if (command !== 'finish-template') {
    throw new WrongJob(`agent: there is no command "${command ?? ''}"; use finish-template`)
  }
  const spec = readSpec(agentPaths.spec)
  const password = read(agentPaths.password).trim()
  const sessions = openSessions(settingsOf(spec, password, () => read(agentPaths.ca)))
  try {
    const result = await finishTemplate(spec, sessions, agentPaths.data)
    const text = termination(result)
    console.log(text)
    writeFileSync(agentPaths.result, text)
  } finally {
    await sessions.close()
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new WrongJob(
      `agent: cannot read ${path} (${error instanceof Error ? error.message : error}); the Job's Secret must hold it`,
    )
  }
}

function readSpec(path: string): TemplateSpec {
  try {
    return JSON.parse(read(path)) as TemplateSpec
  } catch (error) {
    if (error instanceof WrongJob) throw error
    throw new WrongJob(`agent: ${path} is not JSON (${error instanceof Error ? error.message : error})`)
  }
}

try {
  await main(process.argv[2])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof WrongJob ? 2 : 1
}
