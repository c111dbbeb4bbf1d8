/**
 * A tenant is deleted and its data is kept: that is what happens when nobody says otherwise. The runtime goes; database,
 * files and Secrets stay, sealed and labelled, and a new tenant of the same name does not touch them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { odooImage } from '../../demo/odoo-image.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, kept, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'keepers'
const archive = { namespace, name: 'archive' }
const note = 'Kept for ten years'

describe('a deleted tenant with deletionPolicy Retain', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string
  let database: string

  const mark = async (name: string) => {
    const [comment = '{}'] = await asSuperuser(
      story,
      'postgres',
      `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${name}'`,
    )
    return JSON.parse(comment) as { state?: string; tenant?: string }
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('delete-retain')
    tenant = await story.ready(archive)
    runtime = runtimeOf(tenant)
    database = databaseOf(tenant)
    const visitor = openVisitor(story.port, 'archive.localhost')
    expect(await visitor.logIn('admin', await story.secret(namespace, 'archive-admin', 'password'))).toBe(
      true,
    )
    await visitor.call('res.partner', 'create', [{ name: note }])
    // A file lies in the volume, not in the database.
    await visitor.call('ir.attachment', 'create', [{ name: 'deed.txt', raw: note.repeat(50) }])
    await story.run('delete', 'odootenant', 'archive', '-n', namespace, '--timeout=120s')
  })
  afterAll(async () => {
    await end(story, namespace)
    if (kept) return
    // What was retained is a person's to remove; here it would stay in the server for ever.
    await asSuperuser(story, 'postgres', `DROP DATABASE IF EXISTS "${database}"`)
    await asSuperuser(
      story,
      'postgres',
      `DROP ROLE IF EXISTS "${tenant.status?.placement?.login}", "${database}"`,
    )
  })

  it('stops: no pod, no route, no release', async () => {
    expect(await story.run('get', 'pods,deployments,services,ingresses', '-n', runtime, '-o', 'name')).toBe(
      '',
    )
    expect(JSON.parse(await story.helm('list', '-n', runtime, '-o', 'json'))).toEqual([])
    // The ingress controller hears of it a moment later.
    await eventually('the host to be unknown', 30, () =>
      openVisitor(story.port, 'archive.localhost').unrouted(),
    )
  })

  it('keeps its namespace, labelled with what it was', async () => {
    const kept = await story.run(
      'get',
      'namespaces',
      '-l',
      'tenantops.io/retained=true',
      '-L',
      'tenantops.io/tenant,tenantops.io/tenant-namespace',
    )
    expect(kept).toMatch(new RegExp(`^${runtime} +Active +\\S+ +archive +${namespace}$`, 'm'))
  })

  it('keeps its database, with what people wrote into it', async () => {
    expect(await mark(database)).toMatchObject({ state: 'retained', tenant: tenant.metadata.uid })
    expect(await asSuperuser(story, database, `SELECT name FROM res_partner WHERE name = '${note}'`)).toEqual(
      [note],
    )
  })

  it('is sealed: its login is refused, even with the right password', async () => {
    const password = await story.secret(runtime, 'odoo-database', 'password')
    const url = `postgresql://${tenant.status?.placement?.login}:${password}@postgres.databases.svc/${database}`
    const tried = await story.try(
      'exec',
      '-n',
      'databases',
      'postgres-0',
      '--',
      'psql',
      url,
      '-c',
      'SELECT 1',
    )
    expect(tried.stderr).toContain('is not permitted to log in')
  })

  it('keeps its volume, with the file in it', async () => {
    const claim = await story.get<{ status: { phase: string } }>('pvc', 'filestore', '-n', runtime)
    expect(claim?.status.phase).toBe('Bound')
    await story.apply(JSON.stringify(reader(runtime, database)))
    await story.run(
      'wait',
      'pod/reader',
      '-n',
      runtime,
      '--for=jsonpath={.status.phase}=Succeeded',
      '--timeout=120s',
    )
    expect(await story.run('logs', 'reader', '-n', runtime)).toContain(note)
    await story.run('delete', 'pod/reader', '-n', runtime, '--now')
  })

  it('is not touched by a new tenant of the same name', async () => {
    await story.example('delete-retain')
    const second = await story.ready(archive)
    expect(runtimeOf(second)).not.toBe(runtime)
    expect(databaseOf(second)).not.toBe(database)
    expect(
      await asSuperuser(story, databaseOf(second), `SELECT name FROM res_partner WHERE name = '${note}'`),
    ).toEqual([])
    expect(await mark(database)).toMatchObject({ state: 'retained', tenant: tenant.metadata.uid })
  })
})

/** A pod that prints the files of a retained volume. */
function reader(runtime: string, database: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader', namespace: runtime },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 101,
        fsGroup: 101,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'reader',
          image: odooImage,
          command: ['sh', '-c', `find /files/filestore/${database} -type f -exec cat {} +`],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'filestore', mountPath: '/files', readOnly: true }],
        },
      ],
      volumes: [{ name: 'filestore', persistentVolumeClaim: { claimName: 'filestore' } }],
    },
  }
}
