/** Which edits of a stored object the real API server takes, and what it says to the others. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { KindDefinition } from '../../operator/api/defineKind.ts'
import { apiKinds } from '../../operator/api/kinds.ts'
import { odooTenantKind } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { releaseChannelKind } from '../../operator/api/v1alpha1/release-channel.ts'
import { tenantPlanKind } from '../../operator/api/v1alpha1/tenant-plan.ts'
import { apply, applyStatus, manifest, ownPlace, sentences } from './admission-server.ts'

ownPlace()

describe('a change', () => {
  const old = { name: '17.0-20260901', series: '17.0', image: 'docker.io/library/odoo:17.0-20260901' }
  const next = { name: '17.0-20261001', series: '17.0', image: 'docker.io/library/odoo:17.0-20261001' }
  const other = { name: '18.0-20261001', series: '18.0', image: 'docker.io/library/odoo:18.0-20261001' }

  beforeAll(async () => {
    for (const kind of apiKinds) expect(sentences(await apply(kind, manifest(kind)))).toEqual([])
  })

  it.each<[string, KindDefinition, Record<string, unknown>, string[]]>([
    [
      'of class',
      odooTenantKind,
      { 'spec.class': 'other' },
      [
        'spec.class: Forbidden: spec.class cannot change, because moving between classes is not served by this version: make a new tenant in the other class.',
      ],
    ],
    [
      'of blueprint',
      odooTenantKind,
      { 'spec.blueprint': 'other' },
      [
        'spec.blueprint: Forbidden: spec.blueprint cannot change, because a tenant is made from it once: make a new tenant, or add to spec.modules what the blueprint allows.',
      ],
    ],
    [
      'of login',
      odooTenantKind,
      { 'spec.admin.login': 'jane' },
      [
        'spec.admin.login: Forbidden: spec.admin.login cannot change after creation: change the login in Odoo under Settings, Users.',
      ],
    ],
    ['of a login that was the default to none', odooTenantKind, { 'spec.admin': undefined }, []],
    [
      'of plan, channel and hosts',
      odooTenantKind,
      { 'spec.plan': 'big', 'spec.channel': 'fast', 'spec.hosts': ['b.example.com', 'shop1.example.com'] },
      [],
    ],
    [
      'to suspended, to be deleted',
      odooTenantKind,
      { 'spec.suspended': true, 'spec.deletionPolicy': 'Delete' },
      [],
    ],
    [
      'to a smaller filestore',
      tenantPlanKind,
      { 'spec.filestore.size': '4Gi' },
      [
        'spec.filestore.size: Forbidden: spec.filestore.size cannot shrink, because volumes cannot: give the former size or more, or make another plan.',
      ],
    ],
    ['to the same filestore in other units', tenantPlanKind, { 'spec.filestore.size': '5120Mi' }, []],
    ['to a bigger filestore', tenantPlanKind, { 'spec.filestore.size': '6Gi' }, []],
    [
      'to a newer version',
      releaseChannelKind,
      { 'spec.versions': [old, next], 'spec.current': next.name },
      [],
    ],
    [
      'to a newer version alone',
      releaseChannelKind,
      { 'spec.versions': [next], 'spec.current': next.name },
      [],
    ],
    ['that adds a version of another series', releaseChannelKind, { 'spec.versions': [old, other] }, []],
    [
      'to another series',
      releaseChannelKind,
      { 'spec.versions': [old, other], 'spec.current': other.name },
      [
        'spec.current: Forbidden: spec.current must stay within its Odoo series, because going to another is a migration of data: make a channel for the other series.',
      ],
    ],
    [
      'of the series of a version',
      releaseChannelKind,
      { 'spec.versions': [next, { ...old, series: '18.0' }], 'spec.current': next.name },
      [
        'spec.versions[1].series: Forbidden: spec.versions[].series cannot change for a version that exists: add a version with a new name.',
      ],
    ],
    [
      'that takes the current version away',
      releaseChannelKind,
      { 'spec.versions': [next] },
      [
        'spec.current: Invalid value: spec.current must be the name of a version in spec.versions: add that version or choose one that is there.',
      ],
    ],
  ])('%s (%#)', async (_, kind, fields, said) => {
    expect(sentences(await apply(kind, manifest(kind, fields), { dryRun: true }))).toEqual(said)
  })

  it('that takes a module away is refused as soon as the module is installed', async () => {
    const removed = manifest(odooTenantKind, { 'spec.modules': ['stock'] })
    expect(sentences(await apply(odooTenantKind, removed, { dryRun: true }))).toEqual([])
    await applyStatus(odooTenantKind, { modules: ['crm'] })
    expect(sentences(await apply(odooTenantKind, removed, { dryRun: true }))).toEqual([
      'spec.modules: Forbidden: spec.modules must keep every module that is installed, because Odoo deletes the data of a module with it: put it back, and uninstall it inside Odoo if its data may go, or restore a backup from before it was installed.',
    ])
    const none = manifest(odooTenantKind, { 'spec.modules': undefined })
    expect(sentences(await apply(odooTenantKind, none, { dryRun: true }))).toHaveLength(1)
    const more = manifest(odooTenantKind, { 'spec.modules': ['crm', 'stock'], 'spec.languages': undefined })
    expect(sentences(await apply(odooTenantKind, more, { dryRun: true }))).toEqual([])
  })

  it('of the order of hosts changes the primary one', async () => {
    const hosts = ['a.example.com', 'b.example.com']
    const turned = async (order: string[]) => {
      const answer = await apply(odooTenantKind, manifest(odooTenantKind, { 'spec.hosts': order }))
      return (answer.body.spec as { hosts: string[] }).hosts
    }
    expect(await turned(hosts)).toEqual(hosts)
    expect(await turned(hosts.toReversed())).toEqual(hosts.toReversed())
  })
})
