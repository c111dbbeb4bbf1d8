/** Which Secrets the Job of a point cannot do without. */
import { describe, expect, it } from 'vitest'
import { aBackupPolicy } from '../../../test/fixtures/backup-objects.ts'
import { aTenant } from '../../../test/fixtures/tenant-objects.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { ObjectRef } from '../../kube/object.ts'
import { readPointSecret } from './read-secrets.ts'

/** Each has any key that is asked for, but for those that are missing. */
const reading = (...missing: readonly string[]) => {
  const value = Buffer.from('secret').toString('base64')
  const keys = ['accessKeyId', 'secretAccessKey', 'password', 'login', 'ca.crt']
  const get = (_kind: unknown, { name, namespace }: ObjectRef) =>
    Promise.resolve(
      missing.includes(name)
        ? undefined
        : {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name, namespace, uid: name, resourceVersion: '1' },
            data: Object.fromEntries(keys.map((key) => [key, value])),
          },
    )
  const client = { get: get as unknown as KubeClient['get'] }
  return { client, operatorNamespace: 'tenantops-system' }
}
const policy = aBackupPolicy()
const read = (deleted: boolean, ...missing: readonly string[]) => {
  const tenant = aTenant({}, deleted ? { deletionTimestamp: '2026-11-22T05:00:00Z' } : {})
  return readPointSecret(reading(...missing), { work: 'backup', tenant, policy })
}

describe("a point's Secrets", () => {
  it.each([false, true])("hold the administrator's login and password (deleted: %s)", async (deleted) => {
    expect(await read(deleted)).toMatchObject({ 'admin-login': 'secret', 'admin-password': 'secret' })
  })
  it('are not all there while a tenant that stays has no administrator', async () => {
    await expect(read(false, 'shop1-admin')).rejects.toThrow(
      'Secret shop1-admin in namespace acme is not there; create it',
    )
  })
  it('need no administrator for the final point, whose Secret went with the tenant', async () => {
    expect(await read(true, 'shop1-admin')).toMatchObject({ 'admin-login': '', 'admin-password': '' })
  })
  it('need the store and the escrow key also then', async () => {
    await expect(read(true, policy.spec.escrowSecret)).rejects.toThrow(policy.spec.escrowSecret)
  })
})
