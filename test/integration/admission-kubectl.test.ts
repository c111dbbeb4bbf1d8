/** The kinds as a person at a terminal meets them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { apiKinds } from '../../operator/api/kinds.ts'
import { blueprintKind } from '../../operator/api/v1alpha1/blueprint.ts'
import { odooTenantKind } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { tenantClassKind } from '../../operator/api/v1alpha1/tenant-class.ts'
import {
  apply,
  applyStatus,
  kubectl,
  manifest,
  mark,
  namespace,
  ownPlace,
  ready,
  removeOwn,
  send,
  sentences,
  table,
} from './admission-server.ts'

ownPlace()

describe('kubectl', () => {
  beforeAll(async () => {
    await removeOwn()
    for (const kind of apiKinds) await apply(kind, manifest(kind))
    const status = {
      url: 'https://shop1.example.com',
      version: '17.0-20260901',
      namespace: 'acme-shop1',
      conditions: [ready],
    }
    expect(sentences(await applyStatus(odooTenantKind, status))).toEqual([])
    expect(
      sentences(await applyStatus(tenantClassKind, { conditions: [{ ...ready, reason: 'ServerReady' }] })),
    ).toEqual([])
    expect(
      sentences(
        await applyStatus(blueprintKind, {
          conditions: [{ ...ready, status: 'False', reason: 'TemplateFailed' }],
        }),
      ),
    ).toEqual([])
  })

  it.each([
    [
      'ot',
      ['NAME', 'READY', 'REASON', 'URL', 'VERSION', 'PLAN', 'AGE'],
      ['admission', 'True', 'Serving', 'https://shop1.example.com', '17.0-20260901', 'starter'],
    ],
    [
      'tcl',
      ['NAME', 'READY', 'REASON', 'REGION', 'DOMAIN', 'POSTGRES', 'INGRESS', 'AGE'],
      [
        'admission',
        'True',
        'ServerReady',
        'eu-west-1',
        'apps.example.com',
        'postgres.databases.svc',
        'contour',
      ],
    ],
    [
      'tpl',
      ['NAME', 'TENANCY', 'REPLICAS', 'CPU', 'MEMORY', 'FILESTORE', 'AGE'],
      ['admission', 'Dedicated', '1', '250m', '512Mi', '5Gi'],
    ],
    [
      'bp',
      ['NAME', 'READY', 'REASON', 'LANGUAGE', 'COUNTRY', 'AGE'],
      ['admission', 'False', 'TemplateFailed', 'fr_BE', 'BE'],
    ],
    ['rch', ['NAME', 'CURRENT', 'VERSIONS', 'AGE'], ['admission', '17.0-20260901', '17.0-20260901']],
  ])('get %s tells at a glance', (short, columns, cells) => {
    const [head, row] = table(kubectl('get', short, 'admission', '-n', namespace))
    expect(head).toEqual(columns)
    expect(row?.slice(0, -1)).toEqual(cells)
  })

  it('get -o wide adds where, what and the sentence', () => {
    const [head, row] = table(kubectl('get', 'ot', 'admission', '-n', namespace, '-o', 'wide'))
    expect(head?.slice(7)).toEqual(['CLASS', 'BLUEPRINT', 'CHANNEL', 'RUNTIME', 'POINT', 'MESSAGE'])
    expect(row?.slice(7)).toEqual(['standard', 'retail', 'stable', 'acme-shop1', 'The login page answers.'])
  })

  it('get tenantops lists every kind', () => {
    const names = kubectl('get', 'tenantops', '-A', '-o', 'name', '-l', mark).trim().split('\n')
    expect(names.sort()).toEqual(apiKinds.map((kind) => `${kind.singular}.tenantops.io/admission`).sort())
  })

  it('short names belong to no other kind', () => {
    const shortNames = kubectl('api-resources', '--no-headers')
      .split('\n')
      .flatMap((row) => row.split(/\s+/)[1]?.split(',') ?? [])
    for (const short of apiKinds.flatMap((kind) => kind.shortNames)) {
      expect(shortNames.filter((name) => name === short)).toEqual([short])
    }
  })

  it('selects tenants by class, plan, blueprint and channel', () => {
    const names = (selector: string) =>
      kubectl('get', 'ot', '-n', namespace, '--field-selector', selector, '-o', 'name').trim()
    expect(names('spec.class=standard,spec.plan=starter,spec.blueprint=retail,spec.channel=stable')).toBe(
      'odootenant.tenantops.io/admission',
    )
    expect(names('spec.plan=big')).toBe('')
  })

  it.each(apiKinds.map((kind) => [kind.kind, kind] as const))(
    'explain %s speaks for every field',
    (_, kind) => {
      const text = kubectl('explain', `${kind.plural}.spec`, '--recursive=false')
      expect(text).toContain('DESCRIPTION')
      expect(text).not.toContain('<no description>')
      expect(kubectl('explain', kind.plural).replaceAll(/\s+/g, ' ')).toContain(kind.description)
    },
  )

  it('wait understands Ready', () => {
    expect(
      kubectl('wait', '--for=condition=Ready', 'ot/admission', '-n', namespace, '--timeout=5s'),
    ).toContain('condition met')
  })
})

describe('CRDs', () => {
  it.each(apiKinds.map((kind) => [kind.plural, kind] as const))(
    '%s is established and structural',
    async (plural) => {
      const { body } = await send(
        'GET',
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.tenantops.io`,
      )
      const conditions = (body.status as { conditions: { type: string; status: string }[] }).conditions
      expect(Object.fromEntries(conditions.map(({ type, status }) => [type, status]))).toEqual({
        NamesAccepted: 'True',
        Established: 'True',
      })
    },
  )
})
