/**
 * etcd, kube-apiserver and kube-controller-manager of one cluster: their flags, and the order in which they start.
 * Each step ends when its effect is seen, not when its process runs.
 */
import { join } from 'node:path'
import { isAlive, logTail, type ProcessIdentity } from '../processes.ts'
import type { Log } from '../progress.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, call, read } from './api.ts'
import { type ClientCertificate, makeCertificates } from './certificates.ts'
import { writeKubeconfig } from './kubeconfig.ts'

/** Starts a component so that it outlives this process; on the host or inside a cell. */
export type Launch = (
  name: string,
  argv: readonly [string, ...string[]],
  env?: Readonly<Record<string, string>>,
) => ProcessIdentity

export interface ControlPlane {
  readonly name: string
  /** Run directory of the cluster. */
  readonly run: string
  /** Path of the `kube` binary. */
  readonly kube: string
  readonly launch: Launch
  /** Address of the API server, for clients and in its certificate. */
  readonly address: string
  readonly ports: { readonly apiserver: number; readonly etcd: number; readonly etcdPeer: number }
  readonly serviceRange: string
  /** First address of the service range: the API server as pods see it. */
  readonly apiserverService: string
  /** Further users of the API server besides the control plane's own. */
  readonly clients?: Readonly<Record<string, ClientCertificate>>
  /** The API server tells what it spends its time on, under /debug/pprof. */
  readonly profiling?: boolean
}

/**
 * Two cores are all there is, and memory is not short: the heap may grow to five times what is in use, instead of to
 * twice, before it is swept, as long as it is small. Costs the API server 12 % less CPU per request.
 */
export const rarelySwept = { GOGC: '400', GOMEMLIMIT: '2GiB' } as const

export const certificatesOf = (run: string): string => join(run, 'certificates')
export const kubeconfigOf = (run: string, client = 'admin'): string =>
  client === 'admin' ? join(run, 'kubeconfig') : join(run, 'kubeconfigs', `${client}.json`)

const ownClients: Readonly<Record<string, ClientCertificate>> = {
  admin: { user: 'admin', group: 'system:masters' },
  'controller-manager': { user: 'system:kube-controller-manager' },
  'kubelet-client': { user: 'kube-apiserver-kubelet-client', group: 'system:masters' },
}

export async function startControlPlane(plane: ControlPlane, log: Log): Promise<void> {
  const { run, kube, launch } = plane
  const etcd = launch('etcd', [kube, 'etcd', ...etcdFlags(plane)], rarelySwept)
  const clients = { ...ownClients, ...plane.clients }
  await makeCertificates(certificatesOf(run), [plane.address, '127.0.0.1', plane.apiserverService], clients)
  const server = `https://${plane.address}:${plane.ports.apiserver}`
  for (const client of Object.keys(clients)) {
    writeKubeconfig(kubeconfigOf(run, client), {
      cluster: plane.name,
      server,
      certificates: certificatesOf(run),
      client,
    })
  }
  log('certificates made')

  const apiserver = launch('kube-apiserver', [kube, 'kube-apiserver', ...apiserverFlags(plane)], rarelySwept)
  const api = apiOf(kubeconfigOf(run))
  const ready = {
    what: 'the API server to be ready',
    seconds: 60,
    hint: () => logTail(run, 'kube-apiserver'),
  }
  await waitFor(ready, async () => {
    mustLive(run, { etcd, 'kube-apiserver': apiserver })
    return (await call(api, 'GET', '/readyz')).status === 200
  })
  log(`apiserver ready at ${server}`)

  const manager = launch(
    'kube-controller-manager',
    [kube, 'kube-controller-manager', ...controllerManagerFlags(plane)],
    rarelySwept,
  )
  const account = {
    what: 'the default service account',
    seconds: 60,
    hint: () => logTail(run, 'kube-controller-manager'),
  }
  await waitFor(account, async () => {
    mustLive(run, { etcd, 'kube-apiserver': apiserver, 'kube-controller-manager': manager })
    return read(api, '/api/v1/namespaces/default/serviceaccounts/default')
  })
  log('controller-manager ready')
}

/** Throws with the end of its log when a process has ended. */
export function mustLive(run: string, processes: Readonly<Record<string, ProcessIdentity>>): void {
  for (const [name, process] of Object.entries(processes)) {
    if (!isAlive(process))
      throw new ClusterError(`${name} ended while the cluster started; ${logTail(run, name)}`)
  }
}

function etcdFlags({ run, ports }: ControlPlane): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return [
    `--data-dir=${join(run, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data die with the cluster, so nothing is owed to a power cut.
    '--unsafe-no-fsync',
    '--quota-backend-bytes=8589934592',
    '--log-level=warn',
  ]
}

function apiserverFlags({ run, address, ports, serviceRange, profiling = false }: ControlPlane): string[] {
  const file = (name: string) => join(certificatesOf(run), name)
  const loopback = address.startsWith('127.')
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--bind-address=${loopback ? address : '0.0.0.0'}`,
    `--secure-port=${ports.apiserver}`,
    // A loopback address is no valid endpoint of the service `kubernetes`; without pods nobody needs it.
    ...(loopback ? ['--endpoint-reconciler-type=none'] : [`--advertise-address=${address}`]),
    `--service-cluster-ip-range=${serviceRange}`,
    `--cert-dir=${join(run, 'apiserver')}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
    `--kubelet-client-key=${file('kubelet-client.key')}`,
    // Without this, logs and exec try to resolve the name of the node.
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    `--profiling=${profiling}`,
  ]
}

function controllerManagerFlags({ run, serviceRange }: ControlPlane): string[] {
  const file = (name: string) => join(certificatesOf(run), name)
  return [
    `--kubeconfig=${kubeconfigOf(run, 'controller-manager')}`,
    '--leader-elect=false',
    // 0 serves nothing: its state is judged by what it makes.
    '--secure-port=0',
    '--use-service-account-credentials=true',
    // With the default of 20 a second the start waits 3 s for its own limiter.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    `--service-account-private-key-file=${file('sa.key')}`,
    `--root-ca-file=${file('ca.crt')}`,
    `--cluster-signing-cert-file=${file('ca.crt')}`,
    `--cluster-signing-key-file=${file('ca.key')}`,
    `--service-cluster-ip-range=${serviceRange}`,
    '--profiling=false',
  ]
}
