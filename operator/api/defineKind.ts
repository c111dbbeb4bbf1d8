/**
 * One call per kind holds everything the world learns of it: schema, rules, names, columns, sub-resources. Types,
 * CRDs and reference pages are made from the result, and nothing about a kind is written a second time.
 */
import type { z } from 'zod'
import type { Rule } from './cel.ts'

export const group = 'tenantops.io'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}` as const

/** Metadata of a stored object, the part the operator reads. */
type ObjectMeta = {
  name: string
  namespace?: string
  uid: string
  generation: number
  resourceVersion: string
  creationTimestamp: string
  deletionTimestamp?: string
  finalizers?: string[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
}

type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** An object as the API server gives it: raw JSON, defaults filled in, times as strings. */
export type Stored<Kind extends string, Spec, Status = never> = {
  apiVersion: typeof apiVersion
  kind: Kind
  metadata: ObjectMeta & { namespace?: string }
  spec: Spec
  status?: Status
}

/** A column of `kubectl get`. Priority 1 shows with `-o wide` only. */
export type Column = {
  readonly name: string
  readonly jsonPath: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly description: string
  readonly priority?: 0 | 1
}

export type KindDefinition = {
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly scope: 'Namespaced' | 'Cluster'
  /** One paragraph: what an object of this kind says, and who writes it. First line of `kubectl explain`. */
  readonly description: string
  readonly spec: z.ZodType
  /** With a status the kind gets the status sub-resource. */
  readonly status?: z.ZodType
  /** Rules over the whole object; only metadata.name and metadata.generateName are readable beside spec and status. */
  readonly rules: readonly Rule[]
  readonly columns: readonly Column[]
  /** JSON paths that `--field-selector` may use. */
  readonly selectableFields: readonly string[]
  /** A manifest for the reference page; a test applies it. */
  readonly example: {
    readonly metadata: { readonly name: string; readonly namespace?: string }
    readonly spec: unknown
  }
}

/** Declares a kind; the definition is kept as it is, with its exact types. */
export function defineKind<const D extends KindDefinition>(
  definition: D,
): D & { readonly apiVersion: typeof apiVersion } {
  return { ...definition, apiVersion }
}

/** The column that every kind ends with. */
export const ageColumn: Column = {
  name: 'Age',
  jsonPath: '.metadata.creationTimestamp',
  type: 'date',
  description: 'Time since creation.',
}

/** The two columns of a kind with conditions. */
export const readyColumns: readonly Column[] = [
  {
    name: 'Ready',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    type: 'string',
    description: 'Whether it can be used.',
  },
  {
    name: 'Reason',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    type: 'string',
    description: 'Why it is so.',
  },
]

export const messageColumn: Column = {
  name: 'Message',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  type: 'string',
  description: 'The same in a sentence.',
  priority: 1,
}
