import { describe, expect, it } from 'vitest'
import { aBackup } from '../test/fixtures/backup-objects.ts'
import { aTenant } from '../test/fixtures/tenant-objects.ts'
import type { OdooTenant } from './api/v1alpha1/odoo-tenant.ts'
import { recoveryOf } from './recover-command.ts'

const tenant = (
  name: string,
  backupPolicy?: string,
  more: Partial<OdooTenant['metadata']> = {},
): OdooTenant => {
  const made = aTenant(backupPolicy === undefined ? {} : { backupPolicy })
  return { ...made, metadata: { ...made.metadata, name, uid: `uid-${name}`, ...more } }
}
const point = (of: string, status: 'True' | 'False') =>
  aBackup(
    `${of}-point`,
    { tenant: of },
    {
      conditions: [
        { type: 'Succeeded', status, reason: 'R', message: 'm', lastTransitionTime: '2026-11-22T05:00:00Z' },
      ],
    },
  )

describe('recoveryOf', () => {
  it('asks the store for each tenant of the policy that this cluster knows no point of', () => {
    const tenants = [
      tenant('shop1', 'nightly'),
      tenant('shop2', 'nightly'),
      tenant('shop3', 'weekly'),
      tenant('shop4'),
    ]
    const { restores, leftOut } = recoveryOf('nightly', tenants, [point('shop2', 'False')])
    expect(leftOut).toEqual([])
    expect(restores).toEqual(
      ['shop1', 'shop2'].map((name) => ({
        apiVersion: 'tenantops.io/v1alpha1',
        kind: 'TenantRestore',
        metadata: { name: `${name}-from-the-store`, namespace: 'acme' },
        spec: { tenant: name, purpose: 'Recover', source: { newest: 'InStore' }, keepFormer: '1h' },
      })),
    )
  })
  it('never puts back a tenant that was not lost, nor one that goes', () => {
    const deletionTimestamp = '2026-11-22T06:00:00Z'
    const tenants = [tenant('shop1', 'nightly'), tenant('shop2', 'nightly', { deletionTimestamp })]
    expect(recoveryOf('nightly', tenants, [point('shop1', 'True')])).toEqual({
      restores: [],
      leftOut: [
        'acme/shop1: this cluster has complete TenantBackups of it; restore one of them by its name',
        'acme/shop2: it is being deleted',
      ],
    })
  })
  it('keeps names within what Kubernetes allows', () => {
    const [one, two] = recoveryOf(
      'nightly',
      [tenant('a'.repeat(60), 'nightly'), tenant('b', 'nightly')],
      [],
    ).restores
    expect(one?.metadata.name).toHaveLength(63)
    expect(two?.metadata.name).toBe('b-from-the-store')
  })
})
