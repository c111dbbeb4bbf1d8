import { afterEach, expect, it, vi } from 'vitest'
import { startCluster } from './cluster.ts'
import { chooseProvider } from './providers.ts'

afterEach(() => vi.unstubAllEnvs())

it('takes the provider that is asked for, then the named one', async () => {
  vi.stubEnv('TENANTOPS_CLUSTER', 'existing')
  expect(await chooseProvider('embedded')).toBe('embedded')
  expect(await chooseProvider()).toBe('existing')
  vi.stubEnv('TENANTOPS_CLUSTER', 'minikube')
  await expect(chooseProvider()).rejects.toThrow(
    'TENANTOPS_CLUSTER is "minikube"; use one of existing, kind, embedded.',
  )
})

it('takes an existing cluster only when it is named for this purpose, not for a bare KUBECONFIG', async () => {
  vi.stubEnv('TENANTOPS_CLUSTER', '')
  vi.stubEnv('KUBECONFIG', '/production')
  vi.stubEnv('TENANTOPS_KUBECONFIG', '')
  expect(await chooseProvider()).not.toBe('existing')
  vi.stubEnv('TENANTOPS_KUBECONFIG', '/staging')
  expect(await chooseProvider()).toBe('existing')
})

it('says what is wrong with the name of an existing cluster', async () => {
  const start = () => startCluster({ profile: 'full', name: 'a', provider: 'existing', log: () => {} })
  vi.stubEnv('TENANTOPS_KUBECONFIG', '/not/there')
  await expect(start()).rejects.toThrow('There is no kubeconfig at /not/there')
  vi.stubEnv('TENANTOPS_KUBECONFIG', '')
  vi.stubEnv('KUBECONFIG', '')
  await expect(start()).rejects.toThrow('set TENANTOPS_KUBECONFIG')
})

it('an embedded cluster has a short name', async () => {
  const start = startCluster({ profile: 'full', name: 'Not A Name', provider: 'embedded', log: () => {} })
  await expect(start).rejects.toThrow('"Not A Name" is no cluster name: use up to 20 lower-case letters')
})
