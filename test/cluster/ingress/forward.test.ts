import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePorts } from '../embedded/ports.ts'
import { waitFor } from '../wait.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
)

let server: Server
let forwarder: ChildProcess
let port = 0
beforeEach(async () => {
  server = createServer((request, response) => response.end(`hello ${request.headers.host}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (await freePorts(1))[0] ?? 0
  forwarder = start()
})
afterEach(() => {
  forwarder.kill('SIGKILL')
  server.close()
})

function start(): ChildProcess {
  const target = String((server.address() as AddressInfo).port)
  return spawn(process.execPath, [join(import.meta.dirname, 'forward.ts'), String(port), '127.0.0.1', target])
}

const ask = (host: string) => fetch(`http://${host}:${port}/`).then((response) => response.text())
const ready = () =>
  waitFor({ what: 'the forwarder', seconds: 10, every: 20 }, () => ask('127.0.0.1').catch(() => undefined))

test('both loopback addresses reach the target', async () => {
  expect(await ready()).toBe(`hello 127.0.0.1:${port}`)
  if (hasIpv6) expect(await ask('[::1]')).toBe(`hello [::1]:${port}`)
})

test('a target that is gone closes the connection, and the forwarder goes on', async () => {
  await ready()
  const { port: target } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
  await expect(ask('127.0.0.1')).rejects.toThrow()
  server = createServer((_, response) => response.end('back'))
  await new Promise<void>((resolve) => server.listen(target, '127.0.0.1', resolve))
  expect(await ask('127.0.0.1')).toBe('back')
})

test('a port in use is told, and ends the program', async () => {
  await ready()
  const second = start()
  const said = await new Promise<string>((resolve) =>
    second.stderr?.once('data', (text: Buffer) => resolve(text.toString())),
  )
  expect(said).toMatch(/EADDRINUSE/)
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(1)
})
