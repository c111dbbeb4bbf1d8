/** What the control plane spends: CPU of each of its processes, and the requests that the API server counted. */
import { apiOf, call } from '../../test/cluster/embedded/api.ts'
import type { ProcessIdentity } from '../../test/cluster/processes.ts'
import { cpuSecondsOf } from './operator-process.ts'
import type { Tally } from './requests.ts'

/** Seconds of CPU by process name. */
export type Spent = Readonly<Record<string, number>>

export function spentBy(processes: ReadonlyMap<string, ProcessIdentity>): Spent {
  return Object.fromEntries([...processes].map(([name, { pid }]) => [name, cpuSecondsOf(pid)]))
}

export const spentSince = (before: Spent, after: Spent): Spent =>
  Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]))

/** `apiserver_request_total` by verb and resource: the requests of everybody. */
export async function requestsServed(kubeconfig: string): Promise<Tally> {
  const { status, body } = await call(apiOf(kubeconfig), 'GET', '/metrics')
  if (status !== 200) throw new Error(`the API server answers /metrics with ${status}: ${body.slice(0, 200)}`)
  const counts: Record<string, number> = {}
  for (const line of body.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue
    const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? ''
    const sub = label('subresource')
    const name = `${label('verb')} ${label('resource')}${sub === '' ? '' : `/${sub}`}`
    counts[name] = (counts[name] ?? 0) + Number(line.slice(line.lastIndexOf(' ')))
  }
  return counts
}
