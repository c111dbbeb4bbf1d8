import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cel, fixed, matches, quote } from './cel.ts'

describe('cel', () => {
  it('adds rules after those that are there and keeps the description', () => {
    const first = cel(z.string().describe('A name.'), {
      rule: 'self.size() > 0',
      message: 'spec.a needs text.',
    })
    const both = cel(first, { rule: 'self.size() < 9', message: 'spec.a is too long.' })
    expect(both.meta()).toEqual({
      description: 'A name.',
      'x-kubernetes-validations': [
        { rule: 'self.size() > 0', message: 'spec.a needs text.' },
        { rule: 'self.size() < 9', message: 'spec.a is too long.' },
      ],
    })
    expect(first.meta()?.['x-kubernetes-validations']).toHaveLength(1)
  })
})

describe('quote', () => {
  it('writes a CEL string literal', () => {
    expect(quote(String.raw`^a\.b'c$`)).toBe(String.raw`'^a\\.b\'c$'`)
    expect(matches(String.raw`\d`, 'spec.a: a digit.').rule).toBe(String.raw`self.matches('\\d')`)
  })
})

describe('fixed', () => {
  it('compares a field with what it was', () => {
    expect(fixed('class', 'spec.class cannot change.')).toEqual({
      rule: 'self.class == oldSelf.class',
      message: 'spec.class cannot change.',
      fieldPath: '.class',
      reason: 'FieldValueForbidden',
    })
  })
  it('reads an absent optional field as its default on both sides', () => {
    expect(fixed('admin.login', 'spec.admin.login cannot change.', "'admin'").rule).toBe(
      "(has(self.admin) && has(self.admin.login) ? self.admin.login : 'admin') == (has(oldSelf.admin) && has(oldSelf.admin.login) ? oldSelf.admin.login : 'admin')",
    )
  })
})
