/** The semantics of NetworkPolicy as the reference of networking.k8s.io/v1 has them, one sentence each. */
import { describe, expect, it } from 'vitest'
import { fencesOf, type PodFacts, protocolOf, type World } from './fences.ts'
import type { NetworkPolicy } from './objects.ts'
import { type Connection, comesThrough } from './verdict.ts'

const pod = (namespace: string, app: string, address: string, ...ports: PodFacts['ports']): PodFacts => ({
  namespace,
  labels: { app },
  address,
  ports,
})

const web = '10.0.0.1'
const cron = '10.0.0.2'
const shop = '10.0.1.1'
const bank = '10.0.2.1'
const outside = '203.0.113.10'

const pods = [
  pod('blue', 'web', web, { name: 'http', protocol: 'tcp', port: 8069 }),
  pod('blue', 'cron', cron, { name: 'http', protocol: 'tcp', port: 9000 }),
  pod('green', 'web', shop, { name: 'http', protocol: 'tcp', port: 8080 }),
  pod('red', 'bank', bank, { name: 'http', protocol: 'udp', port: 8080 }),
]
const namespaces = ['blue', 'green', 'red'].map((name) => ({
  name,
  labels: { 'kubernetes.io/metadata.name': name, ...(name === 'red' ? {} : { kind: 'tenant' }) },
}))

const inBlue = (spec: NetworkPolicy['spec'], name = 'policy'): NetworkPolicy => ({
  metadata: { name, namespace: 'blue' },
  spec,
})
const onWeb = { matchLabels: { app: 'web' } }
const green = { matchLabels: { 'kubernetes.io/metadata.name': 'green' } }

const through = (policies: readonly NetworkPolicy[], connection: Connection): boolean => {
  const world: World = { namespaces, pods, policies }
  return comesThrough(fencesOf(world), connection)
}
const to = (address: string, port = 8069): Connection => ({ from: web, to: address, port })
const from = (address: string, port = 8069): Connection => ({ from: address, to: web, port })

type Row = readonly [string, readonly NetworkPolicy[], readonly Connection[], readonly Connection[]]

describe('network policies', () => {
  it.each<Row>([
    ['without any, everything is open', [], [from(shop), from(outside), to(bank), to(outside)], []],
    [
      'one of ingress closes ingress only, of the pods it selects',
      [inBlue({ podSelector: onWeb, policyTypes: ['Ingress'] })],
      [to(shop), to(outside), { from: shop, to: cron }],
      [from(shop), from(cron), from(outside)],
    ],
    [
      'one of egress closes egress only',
      [inBlue({ podSelector: onWeb, policyTypes: ['Egress'] })],
      [from(shop), from(cron), { from: cron, to: shop }],
      [to(shop), to(cron), to(outside), { from: web, to: outside, protocol: 'icmp' }],
    ],
    [
      'an empty pod selector selects all pods of its namespace and none of others',
      [inBlue({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })],
      [{ from: shop, to: bank }],
      [from(shop), { from: shop, to: cron }, { from: cron, to: web }, to(shop)],
    ],
    ['without types it is about ingress', [inBlue({ podSelector: onWeb })], [to(shop)], [from(shop)]],
    [
      'without types, but with rules of egress, it is about both',
      [inBlue({ podSelector: onWeb, egress: [{ to: [{ namespaceSelector: green }] }] })],
      [to(shop)],
      [to(bank), from(shop)],
    ],
    [
      'an empty rule opens the direction whole',
      [inBlue({ podSelector: onWeb, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [] })],
      [from(shop), from(outside), { from: outside, to: web, protocol: 'icmp' }],
      [to(shop), to(outside)],
    ],
    [
      'an empty list of peers is everybody, too',
      [inBlue({ podSelector: onWeb, ingress: [{ from: [], ports: [{ port: 8069 }] }] })],
      [from(shop), from(outside)],
      [from(shop, 8072)],
    ],
    [
      'a pod selector alone means pods of the same namespace',
      [
        inBlue({
          podSelector: { matchLabels: { app: 'cron' } },
          ingress: [{ from: [{ podSelector: onWeb }] }],
        }),
      ],
      [{ from: web, to: cron }],
      [
        { from: shop, to: cron },
        { from: outside, to: cron },
      ],
    ],
    [
      'a namespace selector alone means all pods of those namespaces',
      [
        inBlue({
          podSelector: onWeb,
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { kind: 'tenant' } } }] }],
        }),
      ],
      [from(shop), from(cron)],
      [from(bank), from(outside)],
    ],
    [
      'both in one peer: those pods of those namespaces',
      [
        inBlue({
          podSelector: onWeb,
          ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'bank' } } }] }],
        }),
      ],
      [from(bank)],
      [from(shop), from(cron)],
    ],
    [
      'two peers of one rule: either',
      [
        inBlue({
          podSelector: onWeb,
          ingress: [
            { from: [{ namespaceSelector: green }, { podSelector: { matchLabels: { app: 'cron' } } }] },
          ],
        }),
      ],
      [from(shop), from(cron)],
      [from(bank)],
    ],
    [
      'an address block but for its exceptions, which may overlap',
      [
        inBlue({
          podSelector: onWeb,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [
                { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '10.0.1.0/24', '169.254.0.0/16'] } },
              ],
            },
          ],
        }),
      ],
      [to(outside), to('8.8.8.8')],
      [to(shop), to('10.255.255.255'), to('169.254.169.254')],
    ],
    [
      'what one policy excepts another may allow',
      [
        inBlue({
          podSelector: onWeb,
          policyTypes: ['Egress'],
          egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }],
        }),
        inBlue(
          { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: green }] }] },
          'second',
        ),
      ],
      [to(outside), to(shop)],
      [to(bank), { from: cron, to: outside }],
    ],
    [
      'a block of IPv6 is nobody of this cluster, and not everybody',
      [inBlue({ podSelector: onWeb, ingress: [{ from: [{ ipBlock: { cidr: '::/0' } }] }] })],
      [],
      [from(shop), from(outside)],
    ],
    [
      'a selector that finds nobody is nobody, and not everybody',
      [
        inBlue({
          podSelector: onWeb,
          ingress: [{ from: [{ podSelector: { matchLabels: { app: 'none' } } }] }],
        }),
      ],
      [],
      [from(cron), from(shop), from(outside)],
    ],
    [
      'a port is of TCP unless it says otherwise',
      [
        inBlue({
          podSelector: onWeb,
          policyTypes: ['Egress'],
          egress: [{ ports: [{ port: 53 }, { port: 54, protocol: 'UDP' }] }],
        }),
      ],
      [to(bank, 53), { ...to(bank, 54), protocol: 'udp' }],
      [to(bank, 54), { ...to(bank, 53), protocol: 'udp' }, { from: web, to: bank, protocol: 'icmp' }],
    ],
    [
      'ports from one to another',
      [inBlue({ podSelector: onWeb, ingress: [{ ports: [{ port: 8000, endPort: 8069 }] }] })],
      [from(shop, 8000), from(shop, 8069)],
      [from(shop, 7999), from(shop, 8070)],
    ],
    [
      'a protocol without a port is all its ports',
      [inBlue({ podSelector: onWeb, ingress: [{ ports: [{ protocol: 'UDP' }] }] })],
      [{ ...from(shop, 1), protocol: 'udp' }],
      [from(shop, 1)],
    ],
    [
      'a named port of ingress is that of the pod that is reached',
      [inBlue({ podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] })],
      [from(shop, 8069), { from: shop, to: cron, port: 9000 }],
      [from(shop, 9000), { from: shop, to: cron, port: 8069 }],
    ],
    [
      'a named port of egress too, by its protocol',
      [
        inBlue({
          podSelector: onWeb,
          policyTypes: ['Egress'],
          egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 'http' }] }],
        }),
      ],
      [to(shop, 8080), to(cron, 9000)],
      [to(shop, 8069), to(bank, 8080), { ...to(bank, 8080), protocol: 'udp' }],
    ],
    [
      'openings add up, and peers of one rule do not get the ports of another',
      [
        inBlue({
          podSelector: onWeb,
          ingress: [
            { from: [{ namespaceSelector: green }], ports: [{ port: 8069 }] },
            { from: [{ podSelector: {} }], ports: [{ port: 8072 }] },
          ],
        }),
      ],
      [from(shop, 8069), from(cron, 8072)],
      [from(shop, 8072), from(cron, 8069)],
    ],
    [
      'both ends have a say',
      [
        inBlue({ podSelector: onWeb, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] }),
        inBlue({ podSelector: { matchLabels: { app: 'cron' } }, policyTypes: ['Ingress'] }, 'second'),
      ],
      [],
      [to(cron)],
    ],
    [
      'nothing closes a pod to itself',
      [inBlue({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })],
      [{ from: web, to: web, port: 1 }],
      [{ from: web, to: cron, port: 1 }],
    ],
  ])('%s', (_, policies, open, closed) => {
    for (const connection of open)
      expect([connection, through(policies, connection)]).toEqual([connection, true])
    for (const connection of closed)
      expect([connection, through(policies, connection)]).toEqual([connection, false])
  })

  it('say nothing about a protocol that they cannot name', () => {
    expect(() => protocolOf('ICMP')).toThrow('"ICMP" is no protocol of a port: TCP, UDP or SCTP is.')
  })

  it('make one fence for all pods that the same policies select', () => {
    const { fences } = fencesOf({
      namespaces,
      pods,
      policies: [inBlue({ podSelector: {}, policyTypes: ['Ingress'] })],
    })
    expect(fences).toEqual([{ direction: 'ingress', addresses: [web, cron], rules: [] }])
  })
})
