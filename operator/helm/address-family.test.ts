/** The tenant's chart fixes no address family: its Services are of the cluster's, as the front desk's is. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ensureTools } from '../../test/cluster/tools.ts'
import { fewestValues, fullValues } from './full-values.ts'
import { releaseObjects } from './manifest.ts'
import { helmRenderer } from './render.ts'

const target = { release: 'acme', namespace: 'customers-acme' }
const chart = join(import.meta.dirname, '../../charts/odoo-tenant')

it.each([
  ['the fewest values', fewestValues],
  ['every value', fullValues],
])('with %s', async (_, values) => {
  const { helm } = await ensureTools()
  const { documents } = await helmRenderer({ helm, kubeVersion: '1.33.0' }).render({
    ...target,
    chart,
    values,
  })
  const services = releaseObjects(documents, target).flatMap(({ object }) =>
    object.kind === 'Service' ? [object as typeof object & { readonly spec: object }] : [],
  )
  expect(services.length).toBeGreaterThan(0)
  for (const { spec } of services)
    for (const field of ['ipFamilies', 'ipFamilyPolicy', 'clusterIP', 'clusterIPs'])
      expect(spec).not.toHaveProperty(field)
})
