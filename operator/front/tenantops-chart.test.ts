/** The front desk as the operator's chart installs it, rendered by the real Helm. */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { command } from '../../test/cluster/command.ts'
import { ensureTools } from '../../test/cluster/tools.ts'
import { frontService } from '../tenant/names.ts'

const chart = join(import.meta.dirname, '../../charts/tenantops')

/** Any member of a rendered object; a wrong path is a failed expectation, not a type. */
// biome-ignore lint/suspicious/noExplicitAny: rendered YAML has no type
type Loose = any

let objects: Loose[]
const one = (kind: string, name: string): Loose =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)

const render = async (...more: readonly string[]): Promise<Loose[]> => {
  const { helm } = await ensureTools()
  const text = await command(helm, ['template', 'tenantops', chart, '-n', 'tenantops-system', ...more])
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(Boolean)
}

beforeAll(async () => {
  objects = await render()
}, 30_000)

describe('the front desk in charts/tenantops', () => {
  it('looks at tenants and classes, and has no other right, above all none to a Secret', () => {
    const bindings = objects.filter((object) =>
      object.subjects?.some((subject: Loose) => subject.name === 'tenantops-front'),
    )
    expect(bindings.map(({ kind, roleRef }) => [kind, roleRef.name])).toEqual([
      ['ClusterRoleBinding', 'tenantops-front'],
    ])
    expect(one('ClusterRole', 'tenantops-front').rules).toEqual([
      { apiGroups: ['tenantops.io'], resources: ['odootenants', 'tenantclasses'], verbs: ['list', 'watch'] },
    ])
  })

  it('runs restricted, twice, and mounts nothing', () => {
    const { replicas, template } = one('Deployment', 'tenantops-front').spec
    expect(replicas).toBe(2)
    const { securityContext, containers, volumes, serviceAccountName } = template.spec
    expect(serviceAccountName).toBe('tenantops-front')
    expect(volumes).toBeUndefined()
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(containers).toMatchObject([
      {
        command: ['tenantops', 'front'],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ])
    expect(containers[0].env).toBeUndefined()
  })

  it('stands behind the Service whose addresses the operator copies', () => {
    const { selector } = one('Service', frontService).spec
    expect(one('Deployment', 'tenantops-front').spec.template.metadata.labels).toMatchObject(selector)
    expect(one('Deployment', 'tenantops').spec.template.metadata.labels).not.toMatchObject(selector)
    const operator = one('Service', 'tenantops').spec.selector
    expect(one('Deployment', 'tenantops-front').spec.template.metadata.labels).not.toMatchObject(operator)
  })

  it('loses one pod at a time to a drain of nodes, spread over them; of a single one no drain is held up', async () => {
    const { selector, maxUnavailable } = one('PodDisruptionBudget', 'tenantops-front').spec
    expect(maxUnavailable).toBe(1)
    const { template, strategy, selector: own } = one('Deployment', 'tenantops-front').spec
    expect(selector).toEqual(own)
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(template.spec.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: own },
    ])
    const alone = await render('--set', 'front.replicas=1')
    const named = (kind: string) =>
      alone.find((object) => object.kind === kind && object.metadata.name === 'tenantops-front')
    expect(named('Deployment').spec.replicas).toBe(1)
    expect(named('Deployment').spec.template.spec.topologySpreadConstraints).toBeUndefined()
    expect(named('PodDisruptionBudget')).toBeUndefined()
  })

  it("is of the cluster's primary address family, as the tenants' Services are: it fixes none", () => {
    for (const { spec } of objects.filter(({ kind }) => kind === 'Service')) {
      expect(spec.ipFamilies).toBeUndefined()
      expect(spec.ipFamilyPolicy).toBeUndefined()
      expect(spec.clusterIP).toBeUndefined()
    }
  })

  it('is reached at its two ports only', () => {
    const { spec } = one('NetworkPolicy', 'tenantops-front')
    expect(spec.policyTypes).toEqual(['Ingress'])
    expect(spec.ingress).toEqual([
      {
        ports: [
          { port: 'http', protocol: 'TCP' },
          { port: 'health', protocol: 'TCP' },
        ],
      },
    ])
  })
})
