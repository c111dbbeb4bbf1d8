import { expect, it } from 'vitest'
import { outsideServers } from './dns.ts'

const files = (texts: Readonly<Record<string, string>>) => (path: string) => texts[path] ?? ''

it('asks the name servers of this machine', () => {
  expect(
    outsideServers(files({ '/etc/resolv.conf': 'search a\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n' })),
  ).toEqual(['192.0.2.1', '192.0.2.2'])
})

it('looks behind a cache on the loopback address, which a cell cannot reach', () => {
  const texts = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.9\n',
  }
  expect(outsideServers(files(texts))).toEqual(['192.0.2.9'])
  expect(outsideServers(files({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' }))).toEqual([])
})
