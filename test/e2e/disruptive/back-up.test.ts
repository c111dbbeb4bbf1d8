/**
 * Points of a tenant in a real S3 server: asked for with kubectl, found in the store by the escrow key alone, made although
 * pods and the operator are killed in the middle, failed in a sentence while the store is away, and removed for real.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import { odooSeries } from '../../../demo/odoo-image.ts'
import { installStore, waitForStore } from '../../../demo/store.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../../operator/api/v1alpha1/tenant-backup.ts'
import { type Killer, openKiller } from '../kill.ts'
import { attach, pointMade } from '../restores.ts'
import { begin, condition, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'bakers'
const crumb = { namespace, name: 'crumb' }

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: {
    readonly automountServiceAccountToken?: boolean
    readonly containers: readonly { readonly image: string; readonly command: readonly string[] }[]
  }
  readonly status: {
    readonly phase: string
    readonly containerStatuses?: readonly { readonly containerID?: string; readonly state: object }[]
  }
}
interface Snapshot {
  readonly id: string
  readonly tags: readonly string[]
}

describe('backups', () => {
  let story: Story
  let tenant: OdooTenant
  let killer: Killer
  /** What nobody may read anywhere but in its Secret. */
  let secrets: readonly string[]

  const backup = (name: string) => story.get<TenantBackup>('tenantbackup', name, '-n', namespace)
  const create = (name: string) =>
    story.apply(
      JSON.stringify({
        apiVersion: 'tenantops.io/v1alpha1',
        kind: 'TenantBackup',
        metadata: { name, namespace },
        spec: { tenant: 'crumb' },
      }),
    )
  const podsOf = async (job: string) =>
    (
      await story.get<{ items: readonly Pod[] }>(
        ...['pods', '-n', runtimeOf(tenant), '-l', `batch.kubernetes.io/job-name=${job}`],
      )
    )?.items ?? []
  const runningPod = (job: string, but?: string) =>
    eventually(`a pod of ${job} to run`, 120, async () =>
      (await podsOf(job)).find(({ status, metadata }) => status.phase === 'Running' && metadata.uid !== but),
    )
  const containerOf = ({ status }: Pod) =>
    status.containerStatuses?.[0]?.containerID?.replace(/^.*:\/\//, '') ?? ''

  beforeAll(async () => {
    story = await begin(namespace)
    await story.run('delete', 'backuppolicy/minutely', '--ignore-not-found')
    // Another story may have put a store of its own in its place.
    if (!(await story.get('statefulset', 's3', '-n', 'store')))
      await story.run('delete', 'namespace', 'store', '--ignore-not-found', '--timeout=120s')
    await installStore(story)
    await waitForStore(story)
    await story.example('quickstart', '45-backups.yaml')
    await story.example('back-up', '10-tenant.yaml')
    tenant = await story.ready(crumb)
    const password = await story.secret(namespace, 'crumb-admin', 'password')
    const visitor = openVisitor(story.port, 'crumb.localhost')
    expect(await visitor.logIn('admin', password)).toBe(true)
    await attach(visitor, 'flour.bin', `flour ${'rye '.repeat(100_000)}`)
    killer = await openKiller(story)
    secrets = [
      password,
      await story.secret(operatorNamespace, 'backup-store', 'secretAccessKey'),
      await story.secret(operatorNamespace, 'backup-escrow', 'password'),
      await story.secret(runtimeOf(tenant), 'odoo-database', 'password'),
    ]
  })
  afterAll(async () => {
    await killer?.close()
    await story?.run('scale', 'statefulset/s3', '-n', 'store', '--replicas=1')
    await story?.run('delete', 'tenantbackups', '--all', '-n', namespace, '--ignore-not-found')
    await end(story, namespace)
    await story?.run('delete', 'backuppolicy/minutely', '--ignore-not-found')
    await story?.run('delete', 'pod/restic', 'secret/restic', '-n', 'store', '--ignore-not-found', '--now')
  })

  it('is made when somebody asks for it, and says what it holds', async () => {
    await story.example('back-up', '20-point.yaml')
    const pod = await runningPod('backup-crumb-before-import')
    expect(pod.spec.automountServiceAccountToken).toBe(false)
    const log = story.run('logs', '-f', pod.metadata.name, '-n', runtimeOf(tenant))
    await story.run(
      ...['wait', 'tenantbackup/crumb-before-import', '-n', namespace],
      ...['--for=condition=Succeeded', '--timeout=180s'],
    )
    const made = await backup('crumb-before-import')
    expect(made?.status).toMatchObject({
      phase: 'Succeeded',
      tenantUid: tenant.metadata.uid,
      policy: 'nightly',
      repository: `s3:http://s3.store.svc:7070/points/${namespace}/crumb`,
      missingFiles: 0,
      odooVersion: odooSeries,
    })
    expect(made?.status?.files).toBeGreaterThan(0)
    console.log(
      `a point of ${made?.status?.size} in ${made?.status?.duration}: ${condition(made ?? {}, 'Succeeded')?.message}`,
    )
    const [heading, row] = (await story.run('get', 'tenantbackups', '-n', namespace)).split('\n')
    expect(heading).toMatch(/^NAME +TENANT +PHASE +POINT +SIZE +TOOK +VERIFIED +TRIGGER +AGE/)
    expect(row).toMatch(/^crumb-before-import +crumb +Succeeded +\S+Z +\S+(Mi|Ki) +\S+s +Manual/)
    await eventually('the Job and all it had to be gone', 60, async () => {
      const left = await story.run(
        ...['get', 'jobs,secrets,networkpolicies', '-n', runtimeOf(tenant)],
        ...['-l', 'tenantops.io/backup', '-o', 'name'],
      )
      return left === ''
    })
    // Whatever anybody can read of it without a right on Secrets.
    const readable = [
      await log,
      JSON.stringify(pod),
      JSON.stringify(made),
      await story.run('get', 'events', '-n', namespace, '-o', 'yaml'),
      await story.run('get', 'events', '-n', runtimeOf(tenant), '-o', 'yaml'),
      await story.run('logs', 'deployment/tenantops', '-n', operatorNamespace, '--tail=-1'),
    ].join('\n')
    const key = await story.secret(runtimeOf(tenant), 'odoo-backup-key', 'key')
    for (const each of [...secrets, key]) {
      expect(each.length).toBeGreaterThan(16)
      expect(readable).not.toContain(each)
    }
  })

  it('is found in the store by the escrow key alone', async () => {
    const made = await backup('crumb-before-import')
    const found = await restic('snapshots', '--json')
    const snapshots = JSON.parse(found) as readonly Snapshot[]
    const tagsOf = (id: string | undefined) => snapshots.find((each) => each.id === id)?.tags
    const common = [
      'point=crumb-before-import',
      `tenant=${tenant.metadata.uid}`,
      `at=${made?.status?.recoveryPointTime}`,
    ]
    const { database, files } = made?.status?.snapshots ?? {}
    expect(tagsOf(database)).toEqual(
      expect.arrayContaining([...common, 'part=database', `files=${files}`, 'complete']),
    )
    expect(tagsOf(files)).toEqual(expect.arrayContaining([...common, 'part=files']))
    expect(snapshots).toHaveLength(2)
    const listed = await restic('ls', files ?? '')
    expect(listed).toMatch(/manifest\.json/)
    expect(listed).toMatch(/secrets\/admin-password/)
    expect(listed).toMatch(/secrets\/tenant\.json/)
  })

  it('heals by itself when its pod is killed in the middle', async () => {
    await create('crumb-killed')
    const first = await runningPod('backup-crumb-killed')
    await killer.killOnce(containerOf(first), 'restic')
    const made = await pointMade(story, { namespace, name: 'crumb-killed' })
    expect(made.status?.snapshots).toBeDefined()
    await consistent('crumb-killed')
  })

  it('goes on while the operator is killed, and is found by the next one', async () => {
    await create('crumb-orphaned')
    const pod = await runningPod('backup-crumb-orphaned')
    await killer.kill()
    const made = await pointMade(story, { namespace, name: 'crumb-orphaned' })
    console.log(`adopted: ${condition(made, 'Succeeded')?.message}; pod ${pod.metadata.name}`)
    await consistent('crumb-orphaned')
  })

  it('fails in a sentence while the store is away, is fenced meanwhile, and the next one works', async () => {
    await story.run('scale', 'statefulset/s3', '-n', 'store', '--replicas=0')
    await story.run('wait', 'pod/s3-0', '-n', 'store', '--for=delete', '--timeout=60s')
    await create('crumb-away')
    const pod = await runningPod('backup-crumb-away')
    const service = await story.run('get', 'service/kubernetes', '-o', 'jsonpath={.spec.clusterIP}')
    const reached = await story.try(
      ...['exec', '-n', runtimeOf(tenant), pod.metadata.name, '--', 'node', '-e', connecting],
      JSON.stringify({
        postgres: ['postgres.databases.svc', 5432],
        api: [service, 443],
        odoo: [`odoo.${runtimeOf(tenant)}.svc`, 8069],
        operator: [`tenantops-front.${operatorNamespace}.svc`, 80],
      }),
    )
    console.log(`from the pod of a backup: ${reached.stdout}`)
    expect(JSON.parse(reached.stdout)).toEqual({
      postgres: 'open',
      api: 'silent',
      odoo: 'silent',
      operator: 'silent',
    })
    const failed = await eventually('the backup to fail', 400, async () => {
      const seen = await backup('crumb-away')
      return seen && condition(seen, 'Succeeded')?.status === 'False' && seen
    })
    console.log(`without a store (${failed.status?.duration}): ${condition(failed, 'Succeeded')?.message}`)
    expect(failed.status).toMatchObject({ phase: 'Failed' })
    expect(failed.status?.snapshots).toBeUndefined()
    expect(condition(failed, 'Succeeded')?.message).toMatch(/s3\.store\.svc/)
    await story.run('scale', 'statefulset/s3', '-n', 'store', '--replicas=1')
    await waitForStore(story)
    await create('crumb-back')
    await pointMade(story, { namespace, name: 'crumb-back' })
    await consistent('crumb-back')
  })

  it('is made by the schedule, and what retention gives up is gone from the repository for real', async () => {
    await story.example('back-up', '30-often.yaml')
    const scheduled = await eventually('a point of the schedule', 180, async () => {
      const all = await story.get<{ items: readonly TenantBackup[] }>('tenantbackups', '-n', namespace)
      return all?.items.find(
        (each) => each.spec.trigger === 'Schedule' && condition(each, 'Succeeded')?.status === 'True',
      )
    })
    expect(scheduled.metadata.name).toMatch(/^crumb-\d{12}$/)
    await eventually(
      'the first point to have expired',
      240,
      async () => !(await backup('crumb-before-import')),
    )
    const snapshots = JSON.parse(await restic('snapshots', '--json')) as readonly Snapshot[]
    expect(snapshots.some(({ tags }) => tags.includes('point=crumb-before-import'))).toBe(false)
    await consistent(scheduled.metadata.name)
  })

  /** restic in a pod beside the store, with the escrow key and nothing else of the tenant's. */
  async function restic(...args: readonly string[]): Promise<string> {
    if (!(await story.get('pod', 'restic', '-n', 'store'))) {
      const escrow = await story.secret(operatorNamespace, 'backup-escrow', 'password')
      const image = await story.run(
        ...['get', 'deployment/tenantops', '-n', operatorNamespace],
        ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
      )
      const from = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } })
      const container = {
        name: 'restic',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', 'infinity'],
        env: [
          { name: 'AWS_ACCESS_KEY_ID', ...from('restic', 'accessKeyId') },
          { name: 'AWS_SECRET_ACCESS_KEY', ...from('restic', 'secretAccessKey') },
          { name: 'RESTIC_PASSWORD', ...from('restic', 'escrow') },
          { name: 'RESTIC_REPOSITORY', value: `s3:http://s3.store.svc:7070/points/${namespace}/crumb` },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }
      const store = {
        accessKeyId: await story.secret(operatorNamespace, 'backup-store', 'accessKeyId'),
        secretAccessKey: await story.secret(operatorNamespace, 'backup-store', 'secretAccessKey'),
      }
      const metadata = { name: 'restic', namespace: 'store' }
      const objects = [
        { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { ...store, escrow } },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata,
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 0,
            containers: [container],
          },
        },
      ]
      await story.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'))
      await story.run('wait', 'pod/restic', '-n', 'store', '--for=condition=Ready', '--timeout=90s')
    }
    return story.run(
      'exec',
      'restic',
      '-n',
      'store',
      '--',
      'restic',
      '--no-lock',
      '--no-cache',
      '--quiet',
      ...args,
    )
  }

  /** Its two snapshots are there, once each, and the repository is sound. */
  async function consistent(name: string): Promise<void> {
    const seen = await backup(name)
    const snapshots = JSON.parse(await restic('snapshots', '--json')) as readonly Snapshot[]
    const own = snapshots.filter(({ tags }) => tags.includes(`point=${name}`)).map(({ id }) => id)
    const { database = '', files = '' } = seen?.status?.snapshots ?? {}
    expect(own.sort()).toEqual([database, files].sort())
    await restic('check')
  }
})

const connecting = `
const net = require('node:net')
const targets = Object.entries(JSON.parse(process.argv[1]))
const attempt = ([host, port]) => new Promise((resolve) => {
  const socket = net.connect({ host, port })
  socket.setTimeout(3000, () => { socket.destroy(); resolve('silent') })
  socket.on('connect', () => { socket.destroy(); resolve('open') })
  socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'ETIMEDOUT' ? 'silent' : error.code))
})
Promise.all(targets.map(async ([name, target]) => [name, await attempt(target)])).then((all) => console.log(JSON.stringify(Object.fromEntries(all))))
`
