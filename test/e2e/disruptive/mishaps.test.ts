/**
 * What happens to clusters at three in the morning, one mishap after the other: each is said in one sentence that names
 * cause and remedy, and each heals by itself once its cause is gone. Nobody touches the operator in between.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'unlucky'
const glazier = { namespace, name: 'glazier' }
const host = 'glazier.localhost'

describe('a tenant to which things happen', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string

  const logsIn = async () => {
    const password = await story.secret(namespace, 'glazier-admin', 'password')
    return openVisitor(story.port, host).logIn('admin', password)
  }
  const saying = (ref: { namespace: string; name: string }, sentence: RegExp) =>
    eventually(`tenant ${ref.name} to say ${sentence}`, 120, async () => {
      const seen = await story.tenant(ref)
      return sentence.test(condition(seen, 'Ready')?.message ?? '') && seen
    })

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('mishaps', '10-tenant.yaml')
    tenant = await story.ready(glazier)
    runtime = runtimeOf(tenant)
  })
  afterAll(async () => {
    await end(story, namespace)
    await story?.run('delete', 'tenantclass/no-disks', 'storageclass/disks-to-come', '--ignore-not-found')
  })

  it('has its Secrets deleted by hand: they are made again, and the passwords in them work', async () => {
    const before = await story.secret(namespace, 'glazier-admin', 'password')
    await story.run('delete', 'secret', 'glazier-admin', '-n', namespace)
    await story.run('delete', 'secret', 'odoo-database', 'odoo-config', '-n', runtime)
    await eventually('new Secrets, and a login with them', 180, async () => {
      const made = await story.get('secret', 'glazier-admin', '-n', namespace)
      return made !== undefined && (await logsIn().catch(() => false))
    })
    await story.ready(glazier)
    expect(await story.secret(namespace, 'glazier-admin', 'password')).not.toBe(before)
    expect(await openVisitor(story.port, host).logIn('admin', before)).toBe(false)
  })

  it('has its node drained: it says that no node takes its pods, and runs again when one does', async () => {
    const [node = ''] = (await story.run('get', 'nodes', '-o', 'name')).split('\n')
    const name = node.replace('node/', '')
    try {
      await story.run(
        'drain',
        name,
        '--pod-selector=app.kubernetes.io/name=odoo',
        '--ignore-daemonsets',
        '--delete-emptydir-data',
      )
      const seen = await saying(glazier, /cannot be scheduled: .*unschedulable/)
      expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'PodsFailing' })
      expect(condition(seen, 'Ready')?.message).toMatch(
        /^Deployment odoo-web has 0 of 1 pods available: pod odoo-(web|cron)-\S+ cannot be scheduled: 0\/1 nodes are available: 1 node\(s\) were unschedulable.*; make room on a node that fits, `kubectl describe pod -n unlucky-glazier odoo-(web|cron)-\S+` says what each lacks$/,
      )
    } finally {
      await story.run('uncordon', name)
    }
    await story.ready(glazier)
    expect(await logsIn()).toBe(true)
  })

  it('has no connection left on the server: said, and healed when there is one', async () => {
    const login = tenant.status?.placement?.login ?? ''
    await asSuperuser(story, 'postgres', `ALTER ROLE tenantops CONNECTION LIMIT 0`)
    try {
      await story.example('mishaps', '20-newcomer.yaml')
      const seen = await saying({ namespace, name: 'roofer' }, /no connection left|too many connections/)
      expect(condition(seen, 'Ready')).toMatchObject({
        status: 'False',
        reason: 'DatabaseTooManyConnections',
      })
      // Who serves already goes on serving.
      expect(await logsIn()).toBe(true)
      expect(login).not.toBe('')
    } finally {
      await asSuperuser(story, 'postgres', `ALTER ROLE tenantops CONNECTION LIMIT -1`)
    }
    await story.ready({ namespace, name: 'roofer' })
  })

  it('has an operator that lacks a right: the sentence names the right, and it heals when it is given', async () => {
    const role = await story.get<{ rules: { resources?: string[] }[] }>('clusterrole', 'tenantops')
    const rules = role?.rules ?? []
    const patch = (to: readonly unknown[]) =>
      story.run('patch', 'clusterrole', 'tenantops', '--type=merge', '-p', JSON.stringify({ rules: to }))
    await patch(rules.filter(({ resources }) => !resources?.includes('ingresses')))
    try {
      await story.run(
        'patch',
        'odootenant/roofer',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"spec":{"hosts":["roofer.localhost","tiles.localhost"]}}',
      )
      const seen = await saying({ namespace, name: 'roofer' }, /ingresses/)
      expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'Forbidden' })
      expect(condition(seen, 'Ready')?.message).toMatch(
        /^Ingress odoo in namespace unlucky-roofer was not allowed: User "system:serviceaccount:tenantops-system:tenantops" cannot patch resource "ingresses" in API group "networking\.k8s\.io"/,
      )
    } finally {
      await patch(rules)
    }
    await eventually('the new host to serve', 120, async () => {
      const page = await openVisitor(story.port, 'tiles.localhost').get('/web/login')
      return page.status === 200
    })
    await story.ready({ namespace, name: 'roofer' })
  })

  it('waits for a volume that nobody can make: said, and healed when the StorageClass is there', async () => {
    await story.example('mishaps', '30-no-volume.yaml')
    const cooper = { namespace, name: 'cooper' }
    const seen = await saying(cooper, /unbound|persistentvolumeclaim|volume/i)
    expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'PodsFailing' })
    await story.apply(
      JSON.stringify({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'disks-to-come' },
        provisioner: 'volumes.test.tenantops.io',
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
    )
    await story.ready(cooper)
    expect(databaseOf(await story.tenant(cooper))).toMatch(/^t_[0-9a-f]{12}$/)
  })
})
