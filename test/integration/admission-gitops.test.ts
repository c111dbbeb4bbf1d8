/** Objects applied again and again by a GitOps tool, and a status written beside them: no difference, no conflict. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { apiKinds } from '../../operator/api/kinds.ts'
import { blueprintKind } from '../../operator/api/v1alpha1/blueprint.ts'
import { odooTenantKind } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { tenantPlanKind } from '../../operator/api/v1alpha1/tenant-plan.ts'
import {
  apply,
  applyStatus,
  collection,
  kubectl,
  type Manifest,
  manifest,
  ownPlace,
  ready,
  removeOwn,
  send,
  sentences,
} from './admission-server.ts'

ownPlace()

describe('GitOps', () => {
  beforeAll(async () => {
    await removeOwn()
  })

  it.each(apiKinds.map((kind) => [kind.kind, kind] as const))(
    '%s applied twice is the same, also after a status',
    async (_, kind) => {
      const first = (await apply(kind, manifest(kind))).body as Manifest
      expect(await apply(kind, manifest(kind))).toMatchObject({
        body: { metadata: first.metadata, spec: first.spec },
      })
      if ('status' in kind) {
        expect(sentences(await applyStatus(kind, { conditions: [ready] }))).toEqual([])
        const again = (await apply(kind, manifest(kind))).body
        expect(again).toMatchObject({ metadata: { generation: 1 }, status: { conditions: [ready] } })
      }
    },
  )

  it.each([
    [odooTenantKind, { class: 'a', plan: 'b', blueprint: 'c', channel: 'd' }, { deletionPolicy: 'Retain' }],
    [
      tenantPlanKind,
      { web: { resources: { requests: { cpu: 1, memory: '1024Mi' } } }, filestore: { size: '1000Mi' } },
      { tenancy: 'Dedicated' },
    ],
    [blueprintKind, { modules: ['web'] }, {}],
  ] as const)(
    'adds only top-level scalars to a spec, and rewrites nothing (%#)',
    async (kind, spec, added) => {
      const answer = await apply(kind, manifest(kind, { 'metadata.name': 'admission-least', spec }))
      expect(answer.body.spec).toEqual({ ...spec, ...added })
    },
  )

  it('sees no difference with kubectl diff, client-side and server-side', () => {
    const folder = mkdtempSync(join(tmpdir(), 'admission-'))
    try {
      const file = join(folder, 'all.json')
      writeFileSync(
        file,
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: apiKinds.map((kind) => manifest(kind)) }),
      )
      expect(kubectl('apply', '--server-side', '--force-conflicts', '-f', file)).toContain(
        'odootenant.tenantops.io/admission serverside-applied',
      )
      expect(kubectl('diff', '--server-side', '--force-conflicts', '-f', file)).toBe('')
      kubectl('apply', '-f', file)
      expect(kubectl('diff', '-f', file)).toBe('')
      expect(kubectl('apply', '-f', file)).toContain('odootenant.tenantops.io/admission unchanged')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('status', () => {
  beforeAll(async () => {
    await removeOwn()
    await apply(odooTenantKind, manifest(odooTenantKind, { status: { url: 'http://forged.example.com' } }))
  })

  it('cannot be written with the object', async () => {
    const answer = await send('GET', `${collection(odooTenantKind)}/admission`)
    expect(answer.body.status).toBeUndefined()
  })

  it('merges conditions of two writers by their type', async () => {
    await applyStatus(odooTenantKind, { conditions: [ready] })
    const both = await applyStatus(
      odooTenantKind,
      { conditions: [{ ...ready, type: 'BackupHealthy' }] },
      'backup',
    )
    expect(both.body.status).toEqual({ conditions: [ready, { ...ready, type: 'BackupHealthy' }] })
    const alone = await applyStatus(odooTenantKind, {}, 'backup')
    expect(alone.body.status).toEqual({ conditions: [ready] })
  })

  it('does not touch generation or spec', async () => {
    const { body } = await applyStatus(odooTenantKind, { observedGeneration: 1, conditions: [ready] })
    expect(body).toMatchObject({ metadata: { generation: 1 }, spec: odooTenantKind.example.spec })
  })

  it('refuses a condition without a reason', async () => {
    const { reason: _, ...rest } = ready
    const answer = await applyStatus(odooTenantKind, { conditions: [rest] })
    expect(sentences(answer)).toEqual(['status.conditions[0].reason: Required value'])
  })
})
