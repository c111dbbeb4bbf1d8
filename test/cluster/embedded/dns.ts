/**
 * DNS of a full cluster: CoreDNS as a process on the node behind the usual service kube-system/kube-dns, so that it
 * needs no image. Names of the outside are asked of this machine's own servers.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { logTail } from '../processes.ts'
import type { Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, apply } from './api.ts'
import { kubeconfigOf, type Launch, mustLive } from './control-plane.ts'
import type { Network } from './network.ts'

/** The name servers of this machine that a cell can reach: a loopback one is a cache in front of others. */
export function outsideServers(
  read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
): string[] {
  for (const path of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const servers = [...read(path).matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
    const reachable = servers.filter((address) => /^\d+\./.test(address) && !address.startsWith('127.'))
    if (reachable.length > 0) return reachable
  }
  return []
}

/** What the node's own pods (`dnsPolicy: Default`) resolve with; written before the kubelet starts. */
export function writeResolvConf(run: string): void {
  writeFileSync(
    join(run, 'resolv.conf'),
    outsideServers()
      .map((address) => `nameserver ${address}\n`)
      .join(''),
  )
}

export async function startDns(
  run: string,
  coredns: string,
  network: Network,
  launch: Launch,
  log: Log,
): Promise<void> {
  const servers = outsideServers()
  writeFileSync(
    join(run, 'Corefile'),
    `.:53 {
  errors
  ready ${network.node}:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfigOf(run)}
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }
  ${servers.length > 0 ? `forward . ${servers.join(' ')}` : '# this machine names no server of its own'}
  cache 5
}
`,
  )
  const process = launch('coredns', [coredns, '-conf', join(run, 'Corefile')])
  await writeService(run, network)
  await waitFor({ what: 'CoreDNS to be ready', seconds: 60, hint: () => logTail(run, 'coredns') }, () => {
    mustLive(run, { coredns: process })
    return answers(`http://${network.node}:8181/ready`)
  })
  log('DNS ready')
}

async function writeService(run: string, { node, dnsService }: Network): Promise<void> {
  const api = apiOf(kubeconfigOf(run))
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ]
  const labels = { 'k8s-app': 'kube-dns' }
  await apply(api, '/api/v1/namespaces/kube-system/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
    spec: { clusterIP: dnsService, ports },
  })
  await apply(api, '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { ...labels, 'kubernetes.io/service-name': 'kube-dns' },
    },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: [node], conditions: { ready: true } }],
  })
}

function answers(url: string): Promise<boolean> {
  return new Promise((settle) => {
    const asked = get(url, { agent: false, timeout: 1000 }, (response) => {
      response.resume()
      settle(response.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => settle(false))
  })
}
