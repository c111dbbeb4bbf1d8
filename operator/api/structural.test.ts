import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { objectSchema, type Schema, schemaOf } from './crd.ts'
import { apiKinds } from './kinds.ts'
import { structuralProblems } from './structural.ts'

const field = (schema: Schema): Schema => ({
  type: 'object',
  properties: { a: { description: 'A field.', ...schema } },
})

describe('structuralProblems', () => {
  it.each(apiKinds.map((kind) => [kind.kind, kind] as const))('finds none in %s', (_, kind) => {
    expect(structuralProblems(objectSchema(kind))).toEqual([])
  })

  it.each<[string, Schema, string]>([
    ['no type', {}, 'a: has no type'],
    ['a reference', { type: 'object', $ref: '#/x' }, 'a: $ref is not allowed here'],
    ['a bare pattern', { type: 'string', maxLength: 9, pattern: '^a$' }, 'a: pattern is not allowed here'],
    ['a union', { type: 'string', maxLength: 9, anyOf: [] }, 'a: anyOf is not allowed here'],
    ['an endless string', { type: 'string' }, 'a: has no maxLength'],
    [
      'an endless map',
      { type: 'object', additionalProperties: { type: 'boolean' } },
      'a: has no maxProperties',
    ],
    [
      'an untyped map',
      { type: 'object', maxProperties: 1, additionalProperties: true },
      'a: has untyped additionalProperties',
    ],
    [
      'a map with fields',
      { type: 'object', maxProperties: 1, properties: {}, additionalProperties: { type: 'boolean' } },
      'a: has properties beside additionalProperties',
    ],
    ['a list of nothing', { type: 'array', maxItems: 1 }, 'a: has no items'],
    [
      'an endless list',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
      'a: has no maxItems',
    ],
    [
      'a list of no kind',
      { type: 'array', maxItems: 1, items: { type: 'integer' } },
      'a: has no x-kubernetes-list-type',
    ],
    [
      'a set of objects',
      { type: 'array', maxItems: 1, 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
      'a: is a set of objects',
    ],
    [
      'a keyed list without its key',
      {
        type: 'array',
        maxItems: 1,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object' },
      },
      'a: its key name is not required in the item',
    ],
    [
      'a default in a list item',
      { type: 'array', maxItems: 1, 'x-kubernetes-list-type': 'set', items: { type: 'integer', default: 1 } },
      'a[]: has a default inside a list item',
    ],
    [
      'a requirement of nothing',
      { type: 'object', required: ['b'] },
      'a: requires b, which it does not have',
    ],
    ['no description', { type: 'boolean', description: '' }, 'a: has no description'],
    [
      'a message without field',
      { type: 'boolean', 'x-kubernetes-validations': [{ rule: 'self', message: 'Wrong.' }] },
      'a: the message does not begin with the field: Wrong.',
    ],
    [
      'a message that is no sentence',
      { type: 'boolean', 'x-kubernetes-validations': [{ rule: 'self', message: 'spec.a is wrong' }] },
      'a: the message is no sentence: spec.a is wrong',
    ],
  ])('finds %s', (_, schema, problem) => {
    expect(structuralProblems(field(schema))).toContain(problem)
  })
})

describe('schemaOf', () => {
  it('writes integers with a format and without JavaScript bounds', () => {
    expect(schemaOf(z.int())).toEqual({ type: 'integer', format: 'int64' })
    expect(schemaOf(z.int().min(0))).toEqual({ type: 'integer', format: 'int64', minimum: 0 })
  })
  it('makes a field with a default optional', () => {
    expect(schemaOf(z.object({ a: z.boolean().default(true) }))).toEqual({
      type: 'object',
      properties: { a: { type: 'boolean', default: true } },
    })
  })
  it('refuses what JSON Schema cannot say', () => {
    expect(() => schemaOf(z.object({ a: z.date() }))).toThrow()
  })
})
