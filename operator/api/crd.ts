/**
 * A kind as a CustomResourceDefinition. zod knows JSON Schema; Kubernetes takes a narrower form of it ("structural",
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/). The difference
 * is settled here and held by `structural.ts`; the real API server has the last word in the integration test.
 */
import { z } from 'zod'
import { group, type KindDefinition, version } from './defineKind.ts'

/** A node of an OpenAPI 3.0 schema, as far as this project writes it. */
export type Schema = {
  type?: string
  format?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  enum?: unknown[]
  default?: unknown
  [keyword: string]: unknown
}

/** The CRD of a kind as plain data, ready to be written as YAML. */
export function customResourceDefinition(kind: KindDefinition) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [...kind.shortNames],
        categories: ['tenantops'],
      },
      scope: kind.scope,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(kind) },
          ...(kind.status ? { subresources: { status: {} } } : {}),
          additionalPrinterColumns: kind.columns.map((column) => ({ ...column })),
          selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })),
        },
      ],
    },
  }
}

/** The schema of the whole object. `metadata` stays open: the API server knows it better. */
export function objectSchema(kind: KindDefinition): Schema {
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `${group}/${version}` },
      kind: { type: 'string', description: kind.kind },
      // Named only so that a rule may point at it.
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: schemaOf(kind.spec),
      ...(kind.status ? { status: schemaOf(kind.status) } : {}),
    },
    'x-kubernetes-validations': kind.rules.map((rule) => ({ ...rule })),
  }
}

/** A zod schema in the form Kubernetes takes. Throws for what JSON Schema cannot say (dates, transforms). */
export function schemaOf(schema: z.ZodType): Schema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    override: ({ jsonSchema }) => settle(jsonSchema as Schema),
  })
  // What is left of zod's own wrapping: a `~standard` accessor that is no part of the schema.
  return JSON.parse(JSON.stringify(json)) as Schema
}

/** The differences between zod's JSON Schema and Kubernetes', one node at a time. */
function settle(node: Schema): void {
  if (node['x-kubernetes-int-or-string'] === true) {
    delete node.anyOf
    delete node.type
  }
  if (node.type === 'integer') {
    // zod writes the bounds of a safe JavaScript integer; Kubernetes says it by the format.
    if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum
    if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum
    node.format = 'int64'
  }
}
