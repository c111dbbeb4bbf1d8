/**
 * What the API server, Argo CD and a reader ask of a CRD's schema, checked without a server: a structural schema,
 * bounds everywhere (else the cost of CEL rules is estimated as endless), no default inside a list item (a GitOps
 * tool would see a difference for ever), a description for every field, and a sentence for every rule.
 */
import type { Rule } from './cel.ts'
import type { Schema } from './crd.ts'

const FORBIDDEN = [
  '$ref',
  '$schema',
  'definitions',
  '$defs',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
  'const',
  'propertyNames',
  'pattern',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
]

/** Everything that is wrong with a schema, one sentence each, with the path of the field. */
export function structuralProblems(schema: Schema, path = '', insideItem = false): string[] {
  const at = path === '' ? '(root)' : path
  const problems: string[] = []
  const wrong = (what: string) => problems.push(`${at}: ${what}`)

  for (const keyword of FORBIDDEN) if (keyword in schema) wrong(`${keyword} is not allowed here`)
  if (schema.type === undefined && schema['x-kubernetes-int-or-string'] !== true) wrong('has no type')
  if (path !== '' && !path.startsWith('metadata') && !insideAny(path) && !schema.description)
    wrong('has no description')
  if (insideItem && 'default' in schema) wrong('has a default inside a list item')
  if (schema.properties && schema.additionalProperties !== undefined)
    wrong('has properties beside additionalProperties')
  if (schema.additionalProperties !== undefined && typeof schema.additionalProperties === 'boolean')
    wrong('has untyped additionalProperties')
  for (const rule of (schema['x-kubernetes-validations'] ?? []) as Rule[])
    problems.push(...sentenceProblems(at, rule))
  problems.push(...boundProblems(at, schema), ...listProblems(at, schema))

  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    problems.push(...structuralProblems(child, path === '' ? name : `${path}.${name}`, insideItem))
  }
  if (schema.items) problems.push(...structuralProblems(schema.items, `${path}[]`, true))
  if (typeof schema.additionalProperties === 'object') {
    problems.push(...structuralProblems(schema.additionalProperties, `${path}{}`, insideItem))
  }
  for (const name of schema.required ?? []) {
    if (!(name in (schema.properties ?? {}))) wrong(`requires ${name}, which it does not have`)
  }
  return problems
}

/** Items and map values may go without a description: their list or map has one. */
function insideAny(path: string): boolean {
  return path.endsWith('[]') || path.endsWith('{}')
}

function boundProblems(at: string, schema: Schema): string[] {
  if (at === 'apiVersion' || at === 'kind' || at === 'metadata.name') return []
  switch (schema.type) {
    case 'array':
      return schema.maxItems === undefined ? [`${at}: has no maxItems`] : []
    case 'string':
      return schema.maxLength === undefined && schema.enum === undefined ? [`${at}: has no maxLength`] : []
    case 'object':
      return schema.additionalProperties !== undefined && schema.maxProperties === undefined
        ? [`${at}: has no maxProperties`]
        : []
    default:
      return []
  }
}

function listProblems(at: string, schema: Schema): string[] {
  if (schema.type !== 'array') return []
  if (!schema.items) return [`${at}: has no items`]
  switch (schema['x-kubernetes-list-type']) {
    case 'atomic':
      return []
    case 'set':
      return schema.items.type === 'object' ? [`${at}: is a set of objects`] : []
    case 'map':
      return ((schema['x-kubernetes-list-map-keys'] ?? []) as string[])
        .filter((key) => !schema.items?.required?.includes(key))
        .map((key) => `${at}: its key ${key} is not required in the item`)
    default:
      return [`${at}: has no x-kubernetes-list-type`]
  }
}

function sentenceProblems(at: string, rule: Rule): string[] {
  const problems: string[] = []
  if (!/^(spec|metadata)\./.test(rule.message))
    problems.push(`${at}: the message does not begin with the field: ${rule.message}`)
  if (!rule.message.endsWith('.')) problems.push(`${at}: the message is no sentence: ${rule.message}`)
  if (rule.message.includes('\n')) problems.push(`${at}: the message has more than one line`)
  return problems
}
