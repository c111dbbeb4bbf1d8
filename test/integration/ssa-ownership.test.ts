/** Who owns which field, asked of the real API server: the cases of the law, and the number of replicas that another sets. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { makeNamespace, openClient } from '../fixtures/control-plane.ts'
import { ownershipCase, playOwnership } from '../fixtures/ownership-cases.ts'

test('forty seeded cases end as the law says', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const cases = fc.sample(ownershipCase, { numRuns: 40, seed: 20261122 })
  for (const [index, steps] of cases.entries())
    await playOwnership(client, { namespace, name: `case-${index}` }, steps)
})

test('replicas that an autoscaler set, and what an injector put in, survive our next apply', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const ref = { namespace, name: 'web' }
  const labels = { app: 'web' }
  const ours = (image: string): KubeObject =>
    Object.assign(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: ref },
      {
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'odoo', image }] } },
        },
      },
    )
  await client.apply(kinds.Deployment, ours('odoo:1'))
  await client.patch(kinds.Deployment, ref, {
    type: 'merge',
    body: {
      metadata: { annotations: { 'example.com/injected': 'yes' } },
      spec: { replicas: 3, template: { metadata: { annotations: { 'example.com/restarted': 'now' } } } },
    },
  })
  const applied = await client.apply(kinds.Deployment, ours('odoo:2'))
  expect(applied).toMatchObject({
    metadata: { annotations: { 'example.com/injected': 'yes' } },
    spec: {
      replicas: 3,
      template: {
        metadata: { annotations: { 'example.com/restarted': 'now' } },
        spec: { containers: [{ name: 'odoo', image: 'odoo:2' }] },
      },
    },
  })
})
