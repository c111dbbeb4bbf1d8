/**
 * `postgres-server.ts SOCKET`: the fake PostgreSQL of the unit tests as a process of its own, so that databases and
 * roles outlive an operator that is killed or started again. Every answer is immediate and nothing is written to disk:
 * what is measured beside it is the operator and the API server. Ends at SIGTERM; its socket goes with it.
 */
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { PostgresError } from '../../operator/postgres/errors.ts'
import { type FakePostgres, fakePostgres } from '../../operator/postgres/fake.ts'
import { decode, encode, type PostgresDump, type WireAnswer, type WireRequest } from './postgres-wire.ts'

interface Served {
  readonly fake: FakePostgres
  readonly tally: Map<string, number>
}

const servers = new Map<string, Served>()

function served(id: string): Served {
  const known = servers.get(id)
  if (known) return known
  const held = { fake: fakePostgres(id), tally: new Map<string, number>() }
  // What Odoo would find in its image.
  for (const name of ['crm', 'stock', 'mrp']) held.fake.modules.set(name, 'uninstalled')
  held.fake.languages.set('fr_BE', false)
  servers.set(id, held)
  return held
}

async function answer({ id, server, call, args }: WireRequest): Promise<WireAnswer> {
  const { fake, tally } = served(server)
  if (call === 'dump') return { id, value: dump(fake, tally) }
  if (call === 'away') {
    fake.fault = args[0]
      ? new PostgresError('Unreachable', `PostgreSQL ${server} does not answer`)
      : undefined
    return { id }
  }
  if (call === 'install' || call === 'uninstall') {
    fake[call](...(args as Parameters<FakePostgres['install']>))
    return { id }
  }
  tally.set(call, (tally.get(call) ?? 0) + 1)
  try {
    // The arguments are what the typed client was given.
    const method = fake[call] as (...given: readonly unknown[]) => Promise<unknown>
    return { id, value: await method(...args) }
  } catch (error) {
    if (error instanceof PostgresError) return { id, fault: error.fault, sentence: error.message }
    return { id, fault: 'Other', sentence: String(error) }
  } finally {
    // The fake notes every call; over hours that would be this process's leak.
    fake.calls.length = 0
  }
}

function dump({ databases, owners, logins, templates }: FakePostgres, tally: Served['tally']): PostgresDump {
  return {
    databases: Object.fromEntries(
      [...databases].map(([name, { kind, mark, extras }]) => [name, { kind, mark, extras }]),
    ),
    owners: [...owners].sort(),
    logins: Object.fromEntries(
      [...logins].map(([name, { can, secret }]) => [
        name,
        { can, ...(secret === undefined ? {} : { secret }) },
      ]),
    ),
    templates: Object.fromEntries([...templates].map(([name, { mark }]) => [name, mark ?? 'building'])),
    calls: Object.fromEntries(tally),
  }
}

const path = process.argv[2] ?? ''
rmSync(path, { force: true })
const listener = createServer((socket) => {
  // A client that is killed in mid-request leaves a broken pipe, and what it asked for is done all the same.
  socket.on('error', () => socket.destroy())
  const lines = createInterface({ input: socket }).on('error', () => undefined)
  lines.on('line', (line) => {
    void answer(decode(line) as WireRequest).then((said) => {
      if (socket.writable) socket.write(encode(said))
    })
  })
})
listener.listen(path)
process.once('SIGTERM', () => {
  rmSync(path, { force: true })
  process.exit(0)
})
