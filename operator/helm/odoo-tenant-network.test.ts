/**
 * What the network policies of the tenant's chart allow, asked pod by pod and peer by peer: the two of today open
 * exactly what the four of before did, one for each purpose, and nothing else.
 */
import { BlockList } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../../test/cluster/tools.ts'
import { fewestValues, fullValues } from './full-values.ts'
import { releaseObjects } from './manifest.ts'
import { helmRenderer } from './render.ts'
import type { TenantChartValues } from './tenant-chart-values.ts'

type Labels = Readonly<Record<string, string>>
interface Selector {
  readonly matchLabels?: Labels
}
interface Peer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}
interface Rule {
  readonly ports?: readonly { readonly port: number; readonly protocol: string }[]
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
}
interface Policy {
  readonly podSelector: Selector
  readonly policyTypes: readonly ('Ingress' | 'Egress')[]
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
}

/** Who is on the other side: a pod of this namespace, one of another, or an address that is no pod's. */
type Other = { readonly pod: Labels } | { readonly namespace: string } | { readonly address: string }

const selects = ({ matchLabels = {} }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value)

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')
const within = (address: string, cidr: string): boolean => {
  const [net = '', prefix] = cidr.split('/')
  const block = new BlockList()
  block.addSubnet(net, Number(prefix), familyOf(net))
  return familyOf(net) === familyOf(address) && block.check(address, familyOf(address))
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, other: Other): boolean {
  if ('address' in other)
    return (
      ipBlock !== undefined &&
      within(other.address, ipBlock.cidr) &&
      !ipBlock.except?.some((cidr) => within(other.address, cidr))
    )
  if ('pod' in other)
    return namespaceSelector === undefined && podSelector !== undefined && selects(podSelector, other.pod)
  return (
    namespaceSelector !== undefined &&
    selects(namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace }) &&
    selects(podSelector ?? {}, {})
  )
}

interface Question {
  readonly direction: 'Ingress' | 'Egress'
  readonly pod: Labels
  readonly other: Other
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
}

/** As Kubernetes decides it in a namespace that is closed whole: by the first rule that allows. */
function allows(policies: readonly Policy[], { direction, pod, other, port, protocol }: Question): boolean {
  return policies
    .filter(({ podSelector, policyTypes }) => policyTypes.includes(direction) && selects(podSelector, pod))
    .flatMap(({ ingress = [], egress = [] }) => (direction === 'Ingress' ? ingress : egress))
    .some(({ ports, from, to }) => {
      const peers = direction === 'Ingress' ? from : to
      return (
        (ports === undefined || ports.some((each) => each.port === port && each.protocol === protocol)) &&
        (peers === undefined || peers.some((peer) => isPeer(peer, other)))
      )
    })
}

const odoo = { 'app.kubernetes.io/name': 'odoo' }
const web = { ...odoo, 'app.kubernetes.io/component': 'web' }
const cron = { ...odoo, 'app.kubernetes.io/component': 'cron' }
const stranger = { 'app.kubernetes.io/name': 'shell' }
const tcp = (...ports: readonly number[]) => ports.map((port) => ({ port, protocol: 'TCP' }))
const inNamespace = (name: string): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

/** One policy for each purpose, as the chart once made them. */
function oneEach({ ingress, operatorNamespace, postgres, egress }: TenantChartValues): readonly Policy[] {
  const { controllerNamespace } = ingress
  const from = [controllerNamespace, operatorNamespace].flatMap((name) => (name ? [inNamespace(name)] : []))
  const server = [
    ...(postgres.cidr ? [{ ipBlock: { cidr: postgres.cidr } }] : []),
    ...(postgres.namespace ? [inNamespace(postgres.namespace)] : []),
  ]
  const out = (rule: readonly Rule[]): Policy => ({
    podSelector: { matchLabels: odoo },
    policyTypes: ['Egress'],
    egress: rule,
  })
  return [
    {
      podSelector: { matchLabels: web },
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: tcp(8069, 8072),
          ...(controllerNamespace ? { from: [...from, { podSelector: { matchLabels: odoo } }] } : {}),
        },
      ],
    },
    out([
      { ports: [{ port: 53, protocol: 'UDP' }, ...tcp(53)] },
      { ports: tcp(8069), to: [{ podSelector: { matchLabels: web } }] },
    ]),
    out([{ ports: tcp(postgres.port), ...(server.length > 0 ? { to: server } : {}) }]),
    ...(egress?.internet === false
      ? []
      : [
          out([
            {
              ports: tcp(...(egress?.ports ?? [25, 80, 443, 465, 587, 993, 995])),
              to: [
                {
                  ipBlock: {
                    cidr: '0.0.0.0/0',
                    except: [
                      '10.0.0.0/8',
                      '100.64.0.0/10',
                      '127.0.0.0/8',
                      '169.254.0.0/16',
                      '172.16.0.0/12',
                      '192.168.0.0/16',
                    ],
                  },
                },
                { ipBlock: { cidr: '::/0', except: ['::1/128', 'fc00::/7', 'fe80::/10'] } },
              ],
            },
          ]),
        ]),
  ]
}

const cases = {
  fewest: fewestValues,
  full: fullValues,
  closed: { ...fullValues, egress: { internet: false } },
  'a server outside': { ...fullValues, postgres: { port: 5432, cidr: '192.168.7.0/24' } },
} satisfies Record<string, TenantChartValues>
type Case = keyof typeof cases
const every = Object.keys(cases) as Case[]

const policies = new Map<Case, readonly Policy[]>()
beforeAll(async () => {
  const { helm } = await ensureTools()
  const renderer = helmRenderer({ helm, kubeVersion: '1.33.0' })
  const target = { release: 'acme', namespace: 'customers-acme' }
  const chart = join(import.meta.dirname, '../../charts/odoo-tenant')
  for (const name of every) {
    const { documents } = await renderer.render({ ...target, chart, values: cases[name] })
    const found = releaseObjects(documents, target).filter(({ kind }) => kind.kind === 'NetworkPolicy')
    policies.set(
      name,
      found.map(({ object }) => (object as unknown as { readonly spec: Policy }).spec),
    )
  }
}, 30_000)

const others: readonly Other[] = [
  ...[web, cron, stranger].map((pod) => ({ pod })),
  ...['projectcontour', 'tenantops-system', 'postgres', 'kube-system', 'another-tenant'].map((namespace) => ({
    namespace,
  })),
  ...['8.8.8.8', '10.20.0.5', '10.20.0.6', '100.64.1.1', '127.0.0.1', '169.254.169.254', '172.16.0.1'],
  ...['172.32.0.1', '192.168.7.9', '192.168.8.9', '2606:4700::1111', '::1', 'fd00::1', 'fe80::1'],
].map((other) => (typeof other === 'string' ? { address: other } : other))

const questions: readonly Question[] = (['Ingress', 'Egress'] as const).flatMap((direction) =>
  [web, cron, stranger].flatMap((pod) =>
    others.flatMap((other) =>
      [22, 25, 53, 80, 443, 465, 587, 993, 995, 5432, 5433, 6443, 8069, 8072].flatMap((port) =>
        (['TCP', 'UDP'] as const).map((protocol) => ({ direction, pod, other, port, protocol })),
      ),
    ),
  ),
)

describe('the network policies of a tenant', () => {
  it.each(every)('%s: two of them allow what one for each purpose allowed, and nothing else', (name) => {
    const now = policies.get(name) ?? []
    const before = oneEach(cases[name])
    expect(now).toHaveLength(2)
    const differing = questions.filter((question) => allows(now, question) !== allows(before, question))
    expect(differing).toEqual([])
    expect(questions.filter((question) => allows(now, question)).length).toBeGreaterThan(50)
  })

  it.each<[Case, Question['direction'], Labels, Other, number, Question['protocol'], boolean]>([
    ['full', 'Ingress', web, { namespace: 'projectcontour' }, 8069, 'TCP', true],
    ['full', 'Ingress', web, { namespace: 'tenantops-system' }, 8072, 'TCP', true],
    ['full', 'Ingress', web, { pod: cron }, 8069, 'TCP', true],
    ['full', 'Ingress', web, { pod: stranger }, 8069, 'TCP', false],
    ['full', 'Ingress', web, { namespace: 'another-tenant' }, 8069, 'TCP', false],
    ['full', 'Ingress', web, { namespace: 'projectcontour' }, 5432, 'TCP', false],
    ['full', 'Ingress', cron, { namespace: 'projectcontour' }, 8069, 'TCP', false],
    ['fewest', 'Ingress', web, { namespace: 'another-tenant' }, 8069, 'TCP', true],
    ['fewest', 'Ingress', cron, { namespace: 'another-tenant' }, 8069, 'TCP', false],
    ['full', 'Egress', cron, { namespace: 'kube-system' }, 53, 'UDP', true],
    ['full', 'Egress', cron, { pod: web }, 8069, 'TCP', true],
    ['full', 'Egress', web, { pod: cron }, 8069, 'TCP', false],
    ['full', 'Egress', web, { namespace: 'postgres' }, 5433, 'TCP', true],
    ['full', 'Egress', web, { address: '10.20.0.5' }, 5433, 'TCP', true],
    ['full', 'Egress', web, { address: '10.20.0.6' }, 5433, 'TCP', false],
    ['full', 'Egress', web, { address: '8.8.8.8' }, 443, 'TCP', true],
    ['full', 'Egress', web, { address: '8.8.8.8' }, 25, 'TCP', false],
    ['fewest', 'Egress', web, { address: '8.8.8.8' }, 25, 'TCP', true],
    ['full', 'Egress', web, { address: '169.254.169.254' }, 443, 'TCP', false],
    ['full', 'Egress', web, { namespace: 'another-tenant' }, 443, 'TCP', false],
    ['full', 'Egress', stranger, { address: '8.8.8.8' }, 443, 'TCP', false],
    ['closed', 'Egress', web, { address: '8.8.8.8' }, 443, 'TCP', false],
  ])('%s, %s of %j with %j at %i/%s: %s', (name, direction, pod, other, port, protocol, allowed) => {
    expect(allows(policies.get(name) ?? [], { direction, pod, other, port, protocol })).toBe(allowed)
  })
})
