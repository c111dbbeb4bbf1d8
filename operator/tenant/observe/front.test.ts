import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { deskOf, isRouted, type SliceObject } from './front.ts'

const slice = (
  addressType: string,
  endpoints: readonly (readonly [address: string, ready?: boolean])[] | null,
  port = 8080,
): SliceObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: addressType },
  addressType,
  endpoints:
    endpoints?.map(([address, ready]) => ({
      addresses: [address],
      ...(ready === undefined ? {} : { conditions: { ready } }),
    })) ?? null,
  ports: [{ port }],
})

describe('the pods of the front desk', () => {
  it('are those that are ready, in an order that does not depend on the cluster', () => {
    const slices = [
      slice('IPv4', [
        ['10.1.0.9', true],
        ['10.1.0.4', false],
      ]),
      slice('IPv4', [['10.1.0.3'], ['10.1.0.9', true]]),
    ]
    expect(deskOf(slices)).toEqual({ addressType: 'IPv4', addresses: ['10.1.0.3', '10.1.0.9'], port: 8080 })
    expect(deskOf(slices.toReversed())).toEqual(deskOf(slices))
  })
  it('are of one family: IPv6 only where there is nothing else', () => {
    const six = slice('IPv6', [['fd00::3', true]], 9090)
    expect(deskOf([six])).toEqual({ addressType: 'IPv6', addresses: ['fd00::3'], port: 9090 })
    expect(deskOf([six, slice('IPv4', [['10.1.0.3']])])).toMatchObject({ addresses: ['10.1.0.3'] })
  })
  it('are none while none is ready, or without a front desk', () => {
    expect(deskOf([])).toEqual({ addressType: 'IPv4', addresses: [], port: 8080 })
    expect(deskOf([slice('IPv4', null)]).addresses).toEqual([])
  })
})

describe('a tenant that comes back', () => {
  const asking = (items: readonly SliceObject[]): Pick<KubeClient, 'list'> => ({
    list: async <T>(_kind: unknown, selection: unknown) => {
      expect(selection).toEqual({
        namespace: 'acme-shop1',
        labelSelector: 'kubernetes.io/service-name=odoo,endpointslice.kubernetes.io/managed-by!=tenantops.io',
      })
      return { items: items as unknown as T[], resourceVersion: '1' }
    },
  })
  it.each([
    [true, [slice('IPv4', [['10.1.0.5', true]])]],
    [false, [slice('IPv4', [['10.1.0.5', false]])]],
    [false, [slice('IPv4', null)]],
    [false, []],
  ])('is routed: %s', async (routed, items) => {
    expect(await isRouted(asking(items), 'acme-shop1')).toBe(routed)
  })
})
