/** The Job of a change: restricted, within the namespace's quota, and without any secret in what people can read. */
import { describe, expect, it } from 'vitest'
import { aClass, aPlan, aTenant } from '../../../test/fixtures/tenant-objects.ts'
import { newWorld, observe } from '../../../test/fixtures/tenant-world.ts'
import { parseQuantity } from '../../api/quantity.ts'
import { wantedExtras } from '../extras.ts'
import { namesOfDatabase } from '../names.ts'
import { changeJob } from './change-job.ts'
import { runtimeQuota } from './quota.ts'

const tenant = aTenant({ modules: ['crm'], languages: ['fr_BE'] })
const extras = wantedExtras(tenant, { image: 'odoo:17.0-1' })
const request = {
  namespace: 'acme-shop1',
  names: namesOfDatabase('t_0f8fad5bd9cb'),
  extras,
  agentImage: 'tenantops:1',
}
const jobOf = (change: Parameters<typeof newWorld>[0] = {}) =>
  changeJob(observe(newWorld({ tenant, ...change })), request)

interface PodSpec {
  readonly securityContext: object
  readonly initContainers: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly object[]
}
interface Container {
  readonly image: string
  readonly command: readonly string[]
  readonly securityContext: object
  readonly resources: { readonly requests: { memory: string }; readonly limits: { memory: string } }
}
interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: PodSpec
}
const templateOf = (job = jobOf()): Template =>
  (job as unknown as { spec: { template: Template } } | undefined)?.spec.template ?? expect.fail('no Job')

describe('changeJob', () => {
  it("is named after what it does, and its pods are under the tenant's network policies", () => {
    expect(jobOf()?.metadata).toMatchObject({ name: `change-${extras.attempt}`, namespace: 'acme-shop1' })
    expect(templateOf().metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'odoo',
      'app.kubernetes.io/component': 'change',
      'app.kubernetes.io/part-of': 'tenantops',
      'tenantops.io/tenant-uid': tenant.metadata.uid,
      'tenantops.io/change': extras.attempt,
    })
  })
  it('is restricted, and fits into the quota of its namespace', () => {
    const { spec } = templateOf()
    const restricted = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
    expect(spec.securityContext).toMatchObject(restricted)
    for (const container of [...spec.initContainers, ...spec.containers]) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      const hard = runtimeQuota(aPlan().spec)
      expect(parseQuantity(container.resources.limits.memory)).toBeLessThanOrEqual(
        parseQuantity(hard['limits.memory'] ?? '0'),
      )
    }
  })
  it("runs Odoo of the tenant's version, then the agent with what was asked for", () => {
    const { initContainers, containers } = templateOf().spec
    expect(initContainers.map(({ image }) => image)).toEqual(['odoo:17.0-1'])
    const [agent] = containers
    expect(agent?.image).toBe('tenantops:1')
    expect(agent?.command.slice(0, 3)).toEqual(['node', '/app/agent.mjs', 'verify-change'])
    expect(JSON.parse(agent?.command[3] ?? '')).toEqual({
      modules: ['crm'],
      languages: ['fr_BE'],
      database: 't_0f8fad5bd9cb',
      login: 't_0f8fad5bd9cb_d1',
      postgres: { host: 'postgres.databases.svc', port: 5432, sslMode: 'require' },
    })
  })
  it("has the server's certificate only where the class verifies it", () => {
    const postgres = { host: 'db', adminSecret: 'a', caSecret: 'ca', sslMode: 'verify-full' } as const
    expect(JSON.stringify(templateOf(jobOf({ class: aClass({ postgres }) })).spec.volumes)).toContain(
      'ca.crt',
    )
    expect(JSON.stringify(templateOf().spec.volumes)).not.toContain('ca.crt')
  })
  it('is none while what the tenant names is not all there', () => {
    expect(jobOf({ plan: undefined })).toBeUndefined()
  })
})
