import { expect, test } from 'vitest'
import { kinds } from './kinds.ts'
import { clusterRules, frontRules, homeRules } from './rbac.ts'

test('rights are grouped, sorted, and no more than the table says', () => {
  const table = { Secret: kinds.Secret, Pod: kinds.Pod, Lease: kinds.Lease, ConfigMap: kinds.ConfigMap }
  expect(clusterRules(table)).toEqual([
    {
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  ])
  expect(homeRules(table)).toEqual([
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['create', 'get', 'update'],
    },
  ])
})

test('never everything: no star, nothing of ours is made or deleted but backups and restores, Leases at home only', () => {
  const rules = clusterRules()
  expect(JSON.stringify(rules)).not.toContain('*')
  const ours = rules.filter(({ apiGroups }) => apiGroups.includes('tenantops.io'))
  for (const verb of ['create', 'delete'] as const)
    expect(
      ours.filter(({ verbs }) => verbs.includes(verb)).flatMap(({ resources }) => resources),
      verb,
    ).toEqual(['tenantbackups', 'tenantrestores'])
  expect(rules.flatMap(({ resources }) => resources)).not.toContain('leases')
})

test('the front desk looks at tenants and classes, and at nothing else', () => {
  expect(frontRules()).toEqual([
    { apiGroups: ['tenantops.io'], resources: ['odootenants', 'tenantclasses'], verbs: ['list', 'watch'] },
  ])
})
