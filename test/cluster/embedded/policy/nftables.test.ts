import { expect, it } from 'vitest'
import { nftables } from './nftables.ts'

const lines = (...args: Parameters<typeof nftables>) => nftables(...args).split('\n')

it('replaces the whole table in one file', () => {
  expect(lines({ fences: [], named: [], pods: [] }).slice(0, 3)).toEqual([
    'table inet tenantops-policy',
    'delete table inet tenantops-policy',
    'table inet tenantops-policy {',
  ])
})

it('writes a line for each way a rule lets through, and closes the rest', () => {
  const written = lines({
    fences: [
      {
        direction: 'egress',
        addresses: ['10.0.0.1'],
        rules: [
          {
            policy: 'blue/odoo',
            peers: [
              { kind: 'pods', addresses: ['10.0.0.3', '10.0.0.2', '10.0.0.2'] },
              { kind: 'pods', addresses: [] },
              { kind: 'block', cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '10.1.0.0/16'] },
              { kind: 'block', cidr: '::/0', except: [] },
            ],
            ports: [
              { kind: 'range', protocol: 'tcp', first: 80, last: 90 },
              { kind: 'named', protocol: 'udp', name: 'dns' },
            ],
          },
          { policy: 'blue/nobody', peers: [{ kind: 'pods', addresses: [] }], ports: 'all' },
          {
            policy: 'blue/ports',
            peers: 'anybody',
            ports: [{ kind: 'range', protocol: 'sctp', first: 5, last: 5 }],
          },
          { policy: 'blue/all', peers: 'anybody', ports: 'all' },
        ],
      },
    ],
    named: [{ name: 'web', protocol: 'tcp', port: 80, address: '10.0.0.2' }],
    pods: ['10.0.0.1', '10.0.0.2'],
  })
  const chain = written.findIndex((line) => line.startsWith('chain egress-') && !line.includes('put'))
  const peers = /^set (peers-[0-9a-f]{12}) \{$/.exec(
    written.find((line) => line.startsWith('set peers')) ?? '',
  )?.[1]
  const block = 'ip daddr 0.0.0.0/0 ip daddr != 10.0.0.0/8 ip daddr != 10.1.0.0/16'
  const dns = 'ip daddr . meta l4proto . th dport @port-udp-dns'
  expect(written.slice(chain + 1, written.indexOf('}', chain))).toEqual([
    `ip daddr @${peers} meta l4proto tcp th dport 80-90 accept comment "blue/odoo"`,
    `ip daddr @${peers} ${dns} accept comment "blue/odoo"`,
    `${block} meta l4proto tcp th dport 80-90 accept comment "blue/odoo"`,
    `${block} ${dns} accept comment "blue/odoo"`,
    'meta l4proto sctp th dport 5 accept comment "blue/ports"',
    'accept comment "blue/all"',
    'drop',
  ])
  expect(written).toContain('elements = { 10.0.0.2, 10.0.0.3 }')
  expect(written).toContain('elements = { 10.0.0.2 . tcp . 80 }')
  expect(written).toContain('set port-udp-dns {')
  expect(written).toContain(`elements = { 10.0.0.1 : goto ${written[chain]?.split(' ')[1]} }`)
})
