/**
 * How long a customer waits: from `kubectl apply` of a tenant to its login page answering 200 through the ingress,
 * with the blueprint's template ready. Five tenants one after the other on one cluster with the real parts; each
 * tenant is deleted for good before the next, so that they do not slow each other.
 */

import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { bringUp, type Environment } from '../demo/environment.ts'
import { findCondition } from '../operator/api/condition.ts'
import type { OdooTenant } from '../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../operator/kube/client.ts'
import { createClient } from '../operator/kube/http-client.ts'
import { kinds } from '../operator/kube/kinds.ts'
import { openTransport } from '../operator/kube/transport.ts'
import type { DeploymentObject } from '../operator/tenant/workload.ts'
import { waitFor } from '../test/cluster/wait.ts'
import type { Bench } from './main.ts'
import { median } from './statistics.ts'

const ROUNDS = 5
const TARGET_SECONDS = 10
const namespace = 'bench'
const quickstart = join(import.meta.dirname, '../examples/quickstart')

/** Seconds from apply to each milestone of one tenant. */
interface Round {
  /** The operator has written its first status. */
  readonly api: number
  readonly database: number
  readonly helm: number
  /** The web pod runs and is ready. */
  readonly pod: number
  readonly login: number
  readonly ready: number
}

export const onboard: Bench = {
  about: `kubectl apply to login page 200, template ready: median of ${ROUNDS} at most ${TARGET_SECONDS} s`,
  run: async (log) => {
    const environment = await bringUp({ name: 'bench', keep: false, log })
    const transport = await openTransport({ kubeconfig: environment.kubectl.kubeconfig })
    const client = createClient(transport)
    try {
      const cold = await applySettings(environment)
      log(`template ready after ${cold.toFixed(1)} s`)
      const rounds: Round[] = []
      for (let round = 1; round <= ROUNDS; round++) {
        rounds.push(await onboardOne(environment, client, `tenant-${round}`))
        log(`round ${round}: ${JSON.stringify(rounds.at(-1))}`)
      }
      const part = (of: keyof Round) => Number(median(rounds.map((round) => round[of])).toFixed(2))
      const login = part('login')
      return {
        name: 'onboard',
        figures: {
          unit: 's',
          loginMedian: login,
          loginAll: rounds.map((round) => Number(round.login.toFixed(2))),
          milestonesMedian: {
            api: part('api'),
            database: part('database'),
            helm: part('helm'),
            pod: part('pod'),
            login,
            ready: part('ready'),
          },
          coldTemplate: Number(cold.toFixed(1)),
          coldTenant: Number((rounds[0]?.login ?? 0).toFixed(2)),
        },
        targets: { loginMedian: `<= ${TARGET_SECONDS} s` },
        ok: login <= TARGET_SECONDS,
      }
    } finally {
      await transport.close()
      await environment.stop()
    }
  },
}

/** Applies the quickstart without its tenant and waits for the template; answers in seconds. */
async function applySettings({ kubectl }: Environment): Promise<number> {
  await kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
  const began = performance.now()
  for (const file of readdirSync(quickstart).sort()) {
    if (!file.includes('tenant')) await kubectl.applyPath(join(quickstart, file))
  }
  await kubectl.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=900s')
  return (performance.now() - began) / 1000
}

async function onboardOne(
  { kubectl, ingressPort }: Environment,
  client: KubeClient,
  name: string,
): Promise<Round> {
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  await kubectl.apply(
    JSON.stringify({
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'OdooTenant',
      metadata: { name, namespace },
      spec: {
        class: 'local',
        plan: 'starter',
        blueprint: 'office',
        channel: 'stable',
        deletionPolicy: 'Delete',
      },
    }),
  )
  const seen: Partial<Record<keyof Round, number>> = {}
  // One light loop of GETs: five `kubectl wait` would take the cores from what is measured.
  await waitFor(
    { what: `${namespace}/${name} to answer and be Ready`, seconds: 180, every: 50 },
    async () => {
      const tenant = await client.get<OdooTenant>(kinds.OdooTenant, { namespace, name })
      const { conditions, observedGeneration, release } = tenant?.status ?? {}
      const web = await client.get<DeploymentObject>(kinds.Deployment, {
        namespace: `${namespace}-${name}`,
        name: 'odoo-web',
      })
      const reached: Readonly<Record<keyof Round, boolean>> = {
        api: observedGeneration !== undefined,
        database: findCondition(conditions, 'DatabaseReady')?.status === 'True',
        helm: release !== undefined,
        pod: (web?.status?.availableReplicas ?? 0) > 0,
        login:
          seen.login !== undefined ||
          (release !== undefined && (await statusOf(`${name}.localhost`, ingressPort)) === 200),
        ready: findCondition(conditions, 'Ready')?.status === 'True',
      }
      for (const [milestone, there] of Object.entries(reached))
        if (there) seen[milestone as keyof Round] ??= since()
      return Object.values(reached).every(Boolean)
    },
  )
  await kubectl.run('delete', 'odootenant', name, '-n', namespace, '--timeout=120s')
  return seen as Round
}

function statusOf(host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/web/login', headers: { host: `${host}:${port}` }, timeout: 30_000 },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
        response.on('error', () => resolve(0))
      },
    )
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(0))
    asked.end()
  })
}
