/** A new administrator's password against a real API server: one write, once, and never over a Secret that a cache lags behind. */
import { expect, test } from 'vitest'
import { ConflictError } from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { type KubeObject, keyOf, type SecretObject } from '../../operator/kube/object.ts'
import { Store } from '../../operator/runtime/store.ts'
import { createAdminSecret, readPassword, rotateAdminSecret } from '../../operator/tenant/act/secrets.ts'
import type { Task } from '../../operator/tenant/act.ts'
import { makeNamespace, openClient } from '../fixtures/control-plane.ts'
import { aTenant } from '../fixtures/tenant-objects.ts'

const name = 'shop1-admin'

async function begin() {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  // A real one: what is owned by nobody who exists is taken away by the garbage collector.
  const { apiVersion, kind, spec } = aTenant()
  const tenant = await client.create(kinds.OdooTenant, {
    ...{ apiVersion, kind, spec },
    metadata: { name: 'shop1', namespace },
  })
  const secrets = new Store<KubeObject, 'tenant'>()
  let made = 0
  // A task knows more than what these steps look at.
  const task = {
    hands: { client, password: () => `password-${++made}`, world: { caches: { secrets } } },
    tenant,
    passwords: new Map(),
  } as unknown as Task
  const read = () => client.get<SecretObject>(kinds.Secret, { namespace, name })
  const see = async () => {
    const secret = await read()
    if (secret) secrets.replace([secret], secret.metadata.resourceVersion ?? '')
  }
  const digest = 'd'
  const create = { kind: 'create-admin-secret', name, login: 'admin', url: 'http://a', digest } as const
  await createAdminSecret(task, { ...create, serial: '1', rotation: undefined })
  await see()
  return { task, namespace, secrets, read, see }
}
const wish = (rotation: string, serial: string) =>
  ({ kind: 'rotate-admin-secret', name, rotation, serial }) as const
const textOf = (secret: SecretObject | undefined, key: string) =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8')

test('password, serial and wish change together, everything else stays', async () => {
  const { task, namespace, secrets, read, see } = await begin()
  expect(secrets.get(keyOf({ namespace, name }))?.metadata.annotations).not.toHaveProperty([
    'tenantops.io/rotation',
  ])
  await rotateAdminSecret(task, wish('2026-11', '2'))
  const after = await read()
  expect(textOf(after, 'password')).toBe('password-2')
  expect([textOf(after, 'login'), textOf(after, 'url')]).toEqual(['admin', 'http://a'])
  expect(after?.metadata.annotations).toMatchObject({
    'tenantops.io/serial': '2',
    'tenantops.io/rotation': '2026-11',
    'tenantops.io/digest': 'd',
  })
  // What sets it in Odoo next has it without another read.
  expect(await readPassword(task, { namespace, name })).toBe('password-2')
  await see()
  await rotateAdminSecret(task, wish('2026-11', '3'))
  expect((await read())?.metadata.resourceVersion, 'nothing was written').toBe(
    after?.metadata.resourceVersion,
  )
})

test('a cache that lags behind is told so, and no second password is made', async () => {
  const { task, read } = await begin()
  await rotateAdminSecret(task, wish('2026-11', '2'))
  const after = await read()
  await expect(rotateAdminSecret(task, wish('2026-11', '3'))).rejects.toThrow(ConflictError)
  expect(await read()).toEqual(after)
})
