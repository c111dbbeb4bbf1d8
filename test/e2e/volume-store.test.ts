/**
 * Points on a share that a CSI driver mounts into the pods which need it, by the real kubelet: examples/stores as it is. A
 * share that is not exported, and one that the Jobs may not write, are told, and put right the point goes on by itself. The
 * share is the harness's stand-in for NFS, a directory of the node; its administrator is a pod that mounts it by its path.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import { attach, attached, pointMade, restored } from './restores.ts'
import { begin, condition, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'masons'
const tenant = { namespace, name: 'granite' }
const place = 'nas'
const share = '/shares/nas.example.com/export/odoo-points'

describe('points on a volume', () => {
  let story: Story
  let visitor: Visitor
  let partner: number
  let file: number

  /** As the administrator of the server. */
  const onServer = async (script: string) =>
    (await story.run('exec', '-n', place, 'server', '--', 'sh', '-ec', script)).trim()
  const object = (kind: string, name: string, spec: object) =>
    story.apply(
      JSON.stringify({
        apiVersion: 'tenantops.io/v1alpha1',
        kind,
        metadata: { name, namespace },
        spec: { tenant: tenant.name, ...spec },
      }),
    )
  const told = (name: string, words: RegExp) =>
    eventually(`TenantBackup ${name} to say ${words}`, 150, async () => {
      const backup = await story.get<TenantBackup>('tenantbackup', name, '-n', namespace)
      const said = backup && condition(backup, 'Succeeded')
      return words.test(said?.message ?? '') && said
    })

  beforeAll(async () => {
    story = await begin(namespace)
    await story.run('delete', 'namespace', place, '--ignore-not-found', '--timeout=120s')
    await story.apply([nas, administrator].map((each) => JSON.stringify(each)).join('\n---\n'))
    await story.example('stores', '30-on-volume.yaml')
    await story.apply(JSON.stringify(customers))
    await story.apply(JSON.stringify(granite))
    await story.ready(tenant)
    await story.run('wait', 'pod/server', '-n', place, '--for=condition=Ready', '--timeout=60s')
    visitor = openVisitor(story.port, 'granite.localhost')
    expect(await visitor.logIn('admin', await story.secret(namespace, 'granite-admin', 'password'))).toBe(
      true,
    )
    partner = await visitor.call<number>('res.partner', 'create', [{ name: 'Quarry' }])
    file = await attach(visitor, 'plan.bin', 'arches')
  })
  afterAll(async () => {
    await end(story, namespace)
    await story?.run('delete', 'namespace', place, '--ignore-not-found', '--timeout=120s')
  })

  it('says that a share is not mounted, that it may not be written, and goes on by itself', async () => {
    await onServer(`rm -rf ${share}`)
    await object('TenantBackup', 'first', {})
    const waits = await told('first', /still waits for its volumes/)
    console.log(waits.message)
    expect(waits).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('(nfs.csi.k8s.io: server nas.example.com, share /export/odoo-points)'),
    })
    const runtime = runtimeOf(await story.tenant(tenant))
    const events = await story.run('get', 'events', '-n', runtime, '-o', 'jsonpath={.items[*].message}')
    expect(events).toContain('server nas.example.com does not export /export/odoo-points')

    // As the guide says, but for the folder of this namespace, which somebody has made before.
    await onServer(`mkdir -p ${share}/${namespace} && chgrp 101 ${share} && chmod 2770 ${share}
      chgrp 0 ${share}/${namespace} && chmod 755 ${share}/${namespace}`)
    const refused = await told('first', /writable for group 101/)
    console.log(`${refused.status}: ${refused.message}`)
    await onServer(`chgrp 101 ${share}/${namespace} && chmod 2770 ${share}/${namespace}`)
    await pointMade(story, { namespace, name: 'first' })
  })

  it('keeps them in the share, owned by the Jobs, and adds only what is new', async () => {
    const first = await pointMade(story, { namespace, name: 'first' })
    const repository = `${share}/${namespace}/granite`
    expect(await onServer(`ls ${repository}`)).toBe('config\ndata\nindex\nkeys\nlocks\nsnapshots')
    expect(await onServer(`find ${repository} ! -group 101 -o ! -user 101 -o -perm /o=rwx`)).toBe('')
    await object('TenantBackup', 'second', {})
    const second = await pointMade(story, { namespace, name: 'second' })
    console.log(`added: ${first.status?.bytesAdded}, then ${second.status?.bytesAdded} bytes`)
    expect(second.status?.bytesAdded).toBeLessThan((first.status?.bytesAdded ?? 0) / 2)
  })

  it('brings back what was destroyed, and leaves no mount', async () => {
    await visitor.call('res.partner', 'unlink', [[partner]])
    await visitor.call('ir.attachment', 'unlink', [[file]])
    await object('TenantRestore', 'back', {
      purpose: 'Recover',
      source: { backup: 'second' },
      keepFormer: '0s',
    })
    await restored(story, { namespace, name: 'back' })
    await story.ready(tenant)
    const again = openVisitor(story.port, 'granite.localhost')
    expect(await again.logIn('admin', await story.secret(namespace, 'granite-admin', 'password'))).toBe(true)
    expect(await again.call('res.partner', 'search_count', [[['name', '=', 'Quarry']]])).toBe(1)
    expect(await attached(again, file)).toBe('arches')
    // What is counted is seen first: by a pod of our own.
    const mounts = () => onServer("grep -c 'odoo-points.*kubernetes.io~csi' /proc/1/mountinfo || true")
    await story.apply(JSON.stringify(mounting))
    await story.run('wait', 'pod/mounting', '-n', place, '--for=condition=Ready', '--timeout=60s')
    expect(Number(await mounts())).toBeGreaterThan(0)
    await story.run('delete', 'pod/mounting', '-n', place, '--timeout=60s')
    await eventually('the share to be mounted nowhere', 60, async () => (await mounts()) === '0')
  })
})

const customers = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
const granite = {
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'OdooTenant',
  metadata: tenant,
  spec: {
    class: 'local',
    plan: 'starter',
    blueprint: 'office',
    channel: 'stable',
    displayName: 'Granite & Sons',
    backupPolicy: 'on-volume',
  },
}
const nas = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: place, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
}
const mounting = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mounting', namespace: place },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'mounting',
        image: 'docker.io/library/postgres:17',
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', 'infinity'],
        volumeMounts: [{ name: 'share', mountPath: '/share' }],
      },
    ],
    volumes: [
      {
        name: 'share',
        csi: {
          driver: 'nfs.csi.k8s.io',
          volumeAttributes: { server: 'nas.example.com', share: '/export/odoo-points' },
        },
      },
    ],
  },
}
/** In the node's process namespace, whose first process sees the node's mounts. */
const administrator = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'server', namespace: place },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    hostPID: true,
    containers: [
      {
        name: 'server',
        image: 'docker.io/library/postgres:17',
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', 'infinity'],
        securityContext: { privileged: true, runAsUser: 0 },
        volumeMounts: [{ name: 'shares', mountPath: '/shares' }],
      },
    ],
    volumes: [{ name: 'shares', hostPath: { path: '/var/lib/shares' } }],
  },
}
