/**
 * `connectPostgres` for the fake PostgreSQL process: the same interface over a unix socket. A server that goes away is
 * `Unreachable`, and the next call connects again.
 */
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PostgresError } from '../../operator/postgres/errors.ts'
import type { PostgresServer, PostgresSettings } from '../../operator/postgres/server.ts'
import {
  decode,
  encode,
  type PostgresCall,
  type PostgresDump,
  type WireAnswer,
  type WireRequest,
} from './postgres-wire.ts'

interface Asked {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: PostgresError) => void
}

/** All servers behind one socket; give the result to whoever wants `connectPostgres`. */
export function connectFakePostgres(path: string): (settings: PostgresSettings) => PostgresServer {
  return ({ host, port }) => {
    const id = `${host}:${port}`
    const line = openLine(path, id)
    const remote = <C extends PostgresCall>(call: C): PostgresServer[C] =>
      // What comes over the wire is what the fake of the same interface answered.
      ((...args: readonly unknown[]) => line.ask(call, args)) as PostgresServer[C]
    return {
      id,
      ping: remote('ping'),
      preflight: remote('preflight'),
      tenantFacts: remote('tenantFacts'),
      ensureTenantRoles: remote('ensureTenantRoles'),
      setLoginPassword: remote('setLoginPassword'),
      cloneDatabase: remote('cloneDatabase'),
      handOver: remote('handOver'),
      verifyLogin: remote('verifyLogin'),
      setAdminPassword: remote('setAdminPassword'),
      setBrand: remote('setBrand'),
      setSettings: remote('setSettings'),
      moduleStates: remote('moduleStates'),
      tenantContent: remote('tenantContent'),
      beginChange: remote('beginChange'),
      settleChange: remote('settleChange'),
      undoChange: remote('undoChange'),
      forgetFailure: remote('forgetFailure'),
      dropCopies: remote('dropCopies'),
      createEmptyForRestore: remote('createEmptyForRestore'),
      checkRestored: remote('checkRestored'),
      exchangeRestored: remote('exchangeRestored'),
      abandonExchange: remote('abandonExchange'),
      dropOfRestore: remote('dropOfRestore'),
      fence: remote('fence'),
      unfence: remote('unfence'),
      retain: remote('retain'),
      dropTenant: remote('dropTenant'),
      listTenants: remote('listTenants'),
      templateFacts: remote('templateFacts'),
      listTemplates: remote('listTemplates'),
      createTemplateDatabase: remote('createTemplateDatabase'),
      sealTemplate: remote('sealTemplate'),
      dropTemplate: remote('dropTemplate'),
      close: async () => line.close(),
    }
  }
}

/** What the fake server `host:port` holds now. */
export async function dumpPostgres(path: string, server: string): Promise<PostgresDump> {
  const line = openLine(path, server)
  try {
    return (await line.ask('dump', [])) as PostgresDump
  } finally {
    line.close()
  }
}

/** Takes the fake server `host:port` away, or gives it back. */
export async function setPostgresAway(path: string, server: string, away: boolean): Promise<void> {
  const line = openLine(path, server)
  try {
    await line.ask('away', [away])
  } finally {
    line.close()
  }
}

/** Does to a database of the fake server `host:port` what Odoo would: puts modules and languages in, or takes them out. */
export async function odooInPostgres(
  path: string,
  server: string,
  act: 'install' | 'uninstall',
  database: string,
  extras: readonly string[],
): Promise<void> {
  const line = openLine(path, server)
  try {
    await line.ask(act, [database, extras])
  } finally {
    line.close()
  }
}

function openLine(path: string, server: string) {
  const waiting = new Map<number, Asked>()
  let socket: Socket | undefined
  let count = 0

  function lost(broken: Socket): void {
    if (socket === broken) socket = undefined
    for (const [id, { reject }] of waiting) {
      waiting.delete(id)
      reject(new PostgresError('Unreachable', `PostgreSQL ${server} does not answer at ${path}`))
    }
  }

  function connected(): Socket {
    if (socket) return socket
    const made = createConnection(path)
    made.on('error', () => made.destroy())
    made.on('close', () => lost(made))
    // It repeats the socket's errors, which the socket's own listener has dealt with.
    const lines = createInterface({ input: made }).on('error', () => undefined)
    lines.on('line', (text) => settle(decode(text) as WireAnswer))
    socket = made
    return made
  }

  function settle(said: WireAnswer): void {
    const asked = waiting.get(said.id)
    waiting.delete(said.id)
    if ('fault' in said) asked?.reject(new PostgresError(said.fault, said.sentence))
    else asked?.resolve(said.value)
  }

  return {
    ask: (call: WireRequest['call'], args: readonly unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        count += 1
        waiting.set(count, { resolve, reject })
        connected().write(encode({ id: count, server, call, args }))
      }),
    close: () => {
      socket?.end()
      socket = undefined
    },
  }
}
