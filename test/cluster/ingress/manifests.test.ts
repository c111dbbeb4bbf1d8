import { expect, test } from 'vitest'
import { arrange, type Manifest } from './manifests.ts'

const workload = (kind: string, name: string, spec: object): Manifest => ({
  kind,
  metadata: { name, namespace: 'projectcontour' },
  spec: { replicas: 2, template: { spec } } as unknown as NonNullable<Manifest['spec']>,
})

const given: Manifest[] = [
  { kind: 'Namespace', metadata: { name: 'projectcontour' } },
  workload('Job', 'contour-certgen', {
    containers: [{ name: 'contour', image: 'ghcr.io/projectcontour/contour:v0' }],
  }),
  {
    kind: 'Service',
    metadata: { name: 'envoy' },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  },
  workload('Deployment', 'contour', {
    containers: [
      { name: 'contour', image: 'ghcr.io/projectcontour/contour:v0', args: ['serve', '--incluster'] },
    ],
  }),
  workload('DaemonSet', 'envoy', {
    terminationGracePeriodSeconds: 300,
    containers: [
      { name: 'envoy', image: 'docker.io/envoyproxy/envoy:v0', readinessProbe: { initialDelaySeconds: 3 } },
    ],
    initContainers: [{ name: 'bootstrap', image: 'ghcr.io/projectcontour/contour:v0', args: ['bootstrap'] }],
  }),
]

test('certificates come between the foundation and what needs them', () => {
  const { foundation, certificates, workloads } = arrange(given)
  expect(foundation.map(({ kind }) => kind)).toEqual(['Namespace', 'Service', 'IngressClass'])
  expect(certificates.metadata.name).toBe('contour-certgen')
  expect(workloads.map(({ kind }) => kind)).toEqual(['Deployment', 'DaemonSet'])
})

test('the pods are of the images made here, small, and tell an address for each Ingress', () => {
  const [contour, envoy] = arrange(given).workloads
  expect(contour?.spec?.replicas).toBe(1)
  expect(contour?.spec?.template?.spec.containers[0]).toMatchObject({
    image: expect.stringMatching(/^ghcr\.io\/projectcontour\/contour:v1\./),
    args: ['serve', '--incluster', '--ingress-status-address=127.0.0.1'],
    resources: { requests: { cpu: '5m', memory: '32Mi' } },
  })
  expect(envoy?.spec?.template?.spec.containers[0]?.image).toMatch(/^docker\.io\/envoyproxy\/envoy:v1\./)
  expect(envoy?.spec?.template?.spec.initContainers?.[0]?.image).toMatch(
    /^ghcr\.io\/projectcontour\/contour:v1\./,
  )
})

test('no service waits for a load balancer, and what was given is left as it is', () => {
  const { foundation } = arrange(given)
  expect(foundation.find(({ kind }) => kind === 'Service')?.spec).toEqual({ type: 'ClusterIP' })
  expect(given[2]?.spec?.type).toBe('LoadBalancer')
})
