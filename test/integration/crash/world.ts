/** A control plane, a fake PostgreSQL and pods that run well, and operators that are started, killed and told to stop. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { inject } from 'vitest'
import { connectFakePostgres, odooInPostgres } from '../../../bench/fleet/postgres-client.ts'
import { startPostgresProcess } from '../../../bench/fleet/postgres-process.ts'
import { bundling } from '../../../bundle.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { createClient } from '../../../operator/kube/http-client.ts'
import { kindOf, kinds } from '../../../operator/kube/kinds.ts'
import { openTransport } from '../../../operator/kube/transport.ts'
import { databaseNames } from '../../../operator/tenant/names.ts'
import { ensureTools } from '../../cluster/tools.ts'
import { type Parts, whole } from '../../fixtures/whole.ts'
import { until } from './awaiting.ts'
import { playKubelet } from './kubelet.ts'
import { modules, place, settings } from './place.ts'
import { type EndState, readState } from './state.ts'
import type { Side } from './steps-killed.ts'
import { removeNamespaces, sweep } from './sweep.ts'
import { playProvisioner } from './volumes.ts'

const [host = '', port] = place.postgres.split(':')
const address = { host, port: Number(port) }
/** The fake server asks nobody who he is. */
const nobody = { user: '', password: '', passwordSource: '', tls: { kind: 'disable' } } as const
const root = join(import.meta.dirname, '../../..')

/**
 * When an operator dies: after `from` effects of its life at the first of a step that is `wanted`, at the latest at
 * effect `at`, on the side `when` of it.
 */
export interface KillPoint {
  readonly from: number
  readonly wanted: readonly string[]
  readonly at: number
  readonly when: Side
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningOperator {
  /** Not told of a loss of the Lease: then the process is started again, up to five times. */
  readonly ended: Promise<Exit>
  kill(signal: NodeJS.Signals): void
  /** What it began and ended so far, as operator.ts writes it. */
  journal(): string[]
  /** Its log, one JSON object per line. */
  log(): string[]
}

export interface CrashWorld {
  readonly client: KubeClient
  start(kill?: KillPoint): RunningOperator
  /** What somebody does inside Odoo, seen from its database. */
  odoo(act: 'install' | 'uninstall', database: string, extras: readonly string[]): Promise<void>
  /** From now on the first pod of each Job is killed, or not. */
  killJobs(killed: boolean): void
  /** How many pods of Jobs were killed. */
  jobsKilled(): number
  /** Remembers the uid of a tenant; state is told by name. */
  meet(name: string, uid: string): void
  state(): Promise<EndState>
  /** Keeps logs and journals of all operators for whoever must find out; answers with their directory. */
  keep(): string
  /** Removes the load; an operator must be running. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Fewer than the hook in which it opens: one whose time is over closes nothing. */
const SECONDS = 110

export const openWorld = (): Promise<CrashWorld> =>
  whole({ what: 'the world of crashes', seconds: SECONDS }, open)

async function open(parts: Parts): Promise<CrashWorld> {
  let kept = false
  const directory = await parts.own(mkdtempSync(join(tmpdir(), 'crash-')), (path) => {
    if (!kept) rmSync(path, { recursive: true })
  })
  const { helm } = await ensureTools()
  // In one file, as in the image: it starts in a fraction of the time.
  const program = join(directory, 'operator.mjs')
  await build({
    ...bundling,
    entryPoints: [join(import.meta.dirname, 'operator.ts')],
    outfile: program,
    logLevel: 'error',
  })
  const postgres = await parts.own(startPostgresProcess(directory), ({ stop }) => stop())
  const kubeconfig = inject('kubeconfig')
  const transport = await parts.own(openTransport({ kubeconfig }), (it) => it.close())
  const client = createClient(transport)
  await sweep(client)
  // What did not open is swept by the next one.
  let isOpen = false
  await parts.own(client, () => isOpen && sweep(client))
  for (const object of settings) {
    const kind = kindOf(object.apiVersion, object.kind)
    if (kind) await client.apply(kind, object, { manager: 'load' })
  }
  const stop = new AbortController()
  const odoo: CrashWorld['odoo'] = (act, database, extras) =>
    odooInPostgres(postgres.socket, place.postgres, act, database, extras)
  let killsJobs = false
  const jobs: string[] = []
  const kubelet = playKubelet(
    {
      client,
      modules,
      refused: 'mrp',
      install: (database, extras) => odoo('install', database, extras),
      killsJobs: () => killsJobs,
      killed: (job) => jobs.push(job),
    },
    stop.signal,
  )
  const provisioner = playProvisioner(client, stop.signal)
  await parts.own(stop, () => {
    stop.abort()
    return Promise.all([kubelet, provisioner])
  })
  const uids = new Map<string, string>()
  const operators: ChildProcess[] = []
  await parts.own(operators, (all) => {
    for (const child of all) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  let starts = 0

  const start = (kill?: KillPoint): RunningOperator => {
    starts += 1
    const logPath = join(directory, `operator-${starts}.log`)
    const journalPath = join(directory, `operator-${starts}.journal`)
    const launch = (): ChildProcess => {
      const log = openSync(logPath, 'a')
      const child = spawn(process.execPath, [program], {
        stdio: ['ignore', log, log],
        env: {
          ...process.env,
          KUBECONFIG: kubeconfig,
          TENANTOPS_NAMESPACE: place.operator,
          // The name of a pod whose container is started again: the Lease is still its own.
          TENANTOPS_IDENTITY: 'operator-0',
          TENANTOPS_HTTP_PORT: '0',
          TENANTOPS_HELM: helm,
          TENANTOPS_CHARTS: join(root, 'charts'),
          FLEET_POSTGRES_SOCKET: postgres.socket,
          CRASH_JOURNAL: journalPath,
          // What is kept until yesterday is swept at once.
          TENANTOPS_RETENTION_NOTICE_SECONDS: '1',
          ...(kill
            ? {
                CRASH_FROM: String(kill.from),
                CRASH_WANTED: kill.wanted.join(','),
                CRASH_AT: String(kill.at),
                CRASH_WHEN: kill.when,
              }
            : {}),
        },
      })
      closeSync(log)
      operators.push(child)
      return child
    }
    let child = launch()
    let isToEnd = false
    // As the kubelet does: one that gave up by itself, because its Lease was lost on a busy machine, begins anew;
    // one that was told to end does not, however it ends.
    const life = async (): Promise<Exit> => {
      for (let lives = 1; ; lives += 1) {
        const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
        if (code !== 1 || lives > 5 || isToEnd) return { code, signal }
        child = launch()
      }
    }
    const lines = (path: string) =>
      existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
    return {
      ended: life(),
      kill: (signal) => {
        isToEnd = true
        return child.kill(signal)
      },
      journal: () => lines(journalPath),
      log: () => lines(logPath),
    }
  }

  const tenants = async () =>
    (await client.list<OdooTenant>(kinds.OdooTenant)).items.filter(({ metadata }) =>
      [place.namespace, place.home].some((name) => name === metadata.namespace),
    )

  isOpen = true
  return {
    client,
    start,
    odoo,
    killJobs: (killed) => {
      killsJobs = killed
    },
    jobsKilled: () => jobs.length,
    meet: (name, uid) => {
      uids.set(name, uid)
    },
    keep: () => {
      kept = true
      return directory
    },
    state: () => readState(client, postgres.socket, uids),
    clear: async () => {
      for (const { metadata } of await tenants()) {
        const body = { spec: { deletionPolicy: 'Delete' } }
        await client.patch(kinds.OdooTenant, metadata, { type: 'merge', body })
        await client.delete(kinds.OdooTenant, metadata)
      }
      await until('the tenants to be gone', async () => (await tenants()).length === 0)
      await removeNamespaces(client, `${place.namespace}-t`)
      await removeNamespaces(client, place.home)
      for (const { metadata } of (await client.list(kinds.Blueprint)).items)
        if (metadata.name.startsWith('crash-')) await client.delete(kinds.Blueprint, metadata)
      await until('the blueprints to be gone', async () =>
        (await client.list(kinds.Blueprint)).items.every(
          ({ metadata }) => !metadata.name.startsWith('crash-'),
        ),
      )
      const server = connectFakePostgres(postgres.socket)({ ...address, ...nobody })
      for (const uid of uids.values()) await server.dropTenant(databaseNames(uid))
      await server.close()
      uids.clear()
    },
    close: parts.close,
  }
}
