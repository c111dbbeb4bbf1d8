import { expect, test } from 'vitest'
import { labelMatcher } from './selector.ts'

test.each([
  ['', {}, true],
  ['a', { a: '' }, true],
  ['a', {}, false],
  ['!a', {}, true],
  ['!a', { a: '1' }, false],
  ['a=1', { a: '1' }, true],
  ['a==1', { a: '2' }, false],
  ['a!=1', {}, true],
  ['a!=1', { a: '1' }, false],
  ['a in (1, 2),b', { a: '2', b: '' }, true],
  ['a in (1,2),b', { a: '3', b: '' }, false],
  ['a notin (1,2)', {}, true],
  ['a notin (1,2)', { a: '1' }, false],
  ['app.kubernetes.io/managed-by=tenantops', { 'app.kubernetes.io/managed-by': 'tenantops' }, true],
  ['toString', {}, false],
])('%s on %j: %s', (selector, labels, expected) => {
  expect(labelMatcher(selector)(labels)).toBe(expected)
})

test('what is not understood is refused', () => {
  expect(() => labelMatcher('a > 1')).toThrow('label selector part "a > 1" is not understood')
})
