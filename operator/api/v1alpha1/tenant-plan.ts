/**
 * TenantPlan: what a tenant gets, written by the platform team and sold by name. Sizes are quantities as in a pod.
 * A change of a plan reaches every tenant on it, except that a filestore never shrinks.
 */
import { z } from 'zod'
import { cel, type Rule } from '../cel.ts'
import { ageColumn, defineKind, type Stored } from '../defineKind.ts'
import { nameIsLabel } from '../names.ts'
import { cpu, size } from '../quantity.ts'

/** Limit is not below request; says nothing when either is absent or no quantity, which has its own sentence. */
function limitCovers(path: string, resource: 'cpu' | 'memory'): Rule {
  const request = `self.requests.${resource}`
  const limit = `self.limits.${resource}`
  return {
    rule: `!has(self.limits) || !has(${limit}) || !isQuantity(string(${limit})) || !isQuantity(string(${request})) || quantity(string(${limit})).compareTo(quantity(string(${request}))) >= 0`,
    message: `${path}.limits.${resource} must not be below ${path}.requests.${resource}: raise the limit or lower the request.`,
    fieldPath: `.limits.${resource}`,
  }
}

function resources(path: string) {
  return cel(
    z.object({
      requests: z
        .object({
          cpu: cpu(`${path}.requests.cpu`).describe('CPU that is set aside.'),
          memory: size(`${path}.requests.memory`, '64Mi', '512Mi or 2Gi').describe(
            'Memory that is set aside.',
          ),
        })
        .describe('What each pod is sure to have.'),
      limits: z
        .object({
          cpu: cpu(`${path}.limits.cpu`)
            .describe('Most CPU; without it a pod may use what the node has free.')
            .optional(),
          memory: size(`${path}.limits.memory`, '64Mi', '1Gi or 4Gi')
            .describe('Most memory. Default: the request.')
            .optional(),
        })
        .describe('What each pod may use at most.')
        .optional(),
    }),
    limitCovers(path, 'cpu'),
    limitCovers(path, 'memory'),
  )
}

const count = (field: string, min: number, max: number, remedy: string) =>
  cel(z.int(), {
    rule: `self >= ${min} && self <= ${max}`,
    message: `${field} must be from ${min} to ${max}: ${remedy}.`,
  })

const tenantPlanSpecSchema = cel(
  z.object({
    tenancy: cel(z.enum(['Dedicated', 'Shared']).default('Dedicated'), {
      rule: "self != 'Shared'",
      message:
        'spec.tenancy Shared is not served by this version: choose Dedicated, which gives each tenant pods of its own.',
    }).describe(
      'Whether a tenant has pods of its own (Dedicated) or shares a pool (Shared, not served yet).',
    ),
    web: z
      .object({
        replicas: count('spec.web.replicas', 1, 20, 'to stop a tenant, set its spec.suspended instead')
          .describe(
            'Web pods. More than 1 needs a class whose storage is ReadWriteMany, unless all pods share one node. Default: 1.',
          )
          .optional(),
        workers: count('spec.web.workers', 0, 64, 'choose 0 for threads in one process')
          .describe('Odoo worker processes per web pod. 0 serves by threads in one process. Default: 0.')
          .optional(),
        resources: resources('spec.web.resources').describe('CPU and memory of each web pod.'),
      })
      .describe('The pods that answer people.'),
    cron: z
      .object({
        resources: resources('spec.cron.resources')
          .describe('CPU and memory of the cron pod. Default: those of a web pod.')
          .optional(),
      })
      .describe('The one pod that runs scheduled jobs.')
      .optional(),
    filestore: z
      .object({
        size: size('spec.filestore.size', '16Mi', '10Gi').describe(
          'Size of the volume. It may grow, never shrink.',
        ),
      })
      .describe('The volume for attachments and sessions.'),
    database: z
      .object({
        connections: count('spec.database.connections', 2, 1000, 'one process of Odoo needs at least 2')
          .describe('Most connections that each process of Odoo keeps to PostgreSQL. Default: 16.')
          .optional(),
      })
      .describe('Bounds on the PostgreSQL server.')
      .optional(),
  }),
  {
    rule: '!isQuantity(string(self.filestore.size)) || quantity(string(self.filestore.size)).compareTo(quantity(string(oldSelf.filestore.size))) >= 0',
    message:
      'spec.filestore.size cannot shrink, because volumes cannot: give the former size or more, or make another plan.',
    fieldPath: '.filestore.size',
    reason: 'FieldValueForbidden',
  },
).describe('What a tenant on this plan gets.')

export type TenantPlanSpec = z.infer<typeof tenantPlanSpecSchema>
export type TenantPlan = Stored<'TenantPlan', TenantPlanSpec>

export const tenantPlanKind = defineKind({
  kind: 'TenantPlan',
  plural: 'tenantplans',
  singular: 'tenantplan',
  shortNames: ['tpl'],
  scope: 'Cluster',
  description:
    'TenantPlan says what a tenant gets: tenancy, pods, CPU, memory, files, connections. Written by the platform team.',
  spec: tenantPlanSpecSchema,
  rules: [nameIsLabel],
  columns: [
    { name: 'Tenancy', jsonPath: '.spec.tenancy', type: 'string', description: 'Dedicated or Shared.' },
    { name: 'Replicas', jsonPath: '.spec.web.replicas', type: 'integer', description: 'Web pods.' },
    {
      name: 'CPU',
      jsonPath: '.spec.web.resources.requests.cpu',
      type: 'string',
      description: 'CPU of a web pod.',
    },
    {
      name: 'Memory',
      jsonPath: '.spec.web.resources.requests.memory',
      type: 'string',
      description: 'Memory of a web pod.',
    },
    {
      name: 'Filestore',
      jsonPath: '.spec.filestore.size',
      type: 'string',
      description: 'Size of the volume.',
    },
    ageColumn,
  ],
  selectableFields: ['.spec.tenancy'],
  example: {
    metadata: { name: 'starter' },
    spec: {
      tenancy: 'Dedicated',
      web: {
        replicas: 1,
        workers: 0,
        resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
      },
      cron: { resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '512Mi' } } },
      filestore: { size: '5Gi' },
      database: { connections: 16 },
    },
  },
})
