/** Odoo on its way up, played by a server: what is waited for, and what is said when it does not come. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { pointPathsBelow } from './point-paths.ts'
import { proveCopy } from './prove-copy.ts'

let server: Server | undefined
afterEach(() => server?.close())

async function played(answer: (asked: number, response: ServerResponse) => void): Promise<number> {
  let asked = 0
  server = createServer((_, response) => answer(++asked, response))
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const database = {
  database: 'd_x_restored_ab12cd34',
  login: 'd_x_d1',
  owner: 'd_x',
  host: '127.0.0.1',
  port: 1,
  sslMode: 'disable',
} as const
const prove = (port: number, patienceSeconds: number, signal = new AbortController().signal) =>
  proveCopy({ database, port, patienceSeconds }, { paths: pointPathsBelow(tmpdir()), path: '', signal })

describe('an Odoo that', () => {
  it.each<[string, (asked: number, response: ServerResponse) => void, RegExp]>([
    ['answers with an error', (_, response) => response.writeHead(500).end(), /it answered 500/],
    [
      'leads away',
      (_, response) => response.writeHead(303, { location: '/web/database' }).end(),
      /it answered 303/,
    ],
    ['shows another page', (_, response) => response.end('<html>404</html>'), /no field for a login/],
    ['hangs up', (_, response) => response.destroy(), /nobody answered/],
  ])('%s is none that came up', async (_what, answer, said) => {
    const result = await prove(await played(answer), 0)
    expect(result).toMatchObject({ ok: false, reason: 'BootFailed', problem: expect.stringMatching(said) })
  })

  it('is not there yet is waited for, and its database is looked at then', async () => {
    const port = await played((asked, response) => {
      if (asked < 3) response.writeHead(503).end()
      else response.end('<input name="login">')
    })
    // Nobody mounted a password: that the Job is wrong is said only after the page was there.
    await expect(prove(port, 60)).rejects.toThrow(/cannot read .*password/)
  })

  it('is given up when the pod is asked to end', async () => {
    const stop = new AbortController()
    const port = await played((_, response) => {
      response.writeHead(503).end()
      stop.abort(new Error('asked to stop'))
    })
    await expect(prove(port, 60, stop.signal)).rejects.toThrow()
  })
})
