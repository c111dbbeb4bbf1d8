import { describe, expect, it } from 'vitest'
import { formatQuantity, parseQuantity } from './quantity.ts'

describe('parseQuantity', () => {
  it.each([
    ['0', 0n],
    ['1', 1000n],
    [2, 2000n],
    ['500m', 500n],
    ['1.5', 1500n],
    ['.5', 500n],
    ['1.', 1000n],
    ['100u', 1n],
    ['1n', 1n],
    ['0.0001', 1n],
    ['-1', -1000n],
    ['-0.0001', 0n],
    ['+3', 3000n],
    ['1k', 1_000_000n],
    ['1e3', 1_000_000n],
    ['1E3', 1_000_000n],
    ['12e-1', 1200n],
    ['1E', 10n ** 21n],
    ['1Ki', 1_024_000n],
    ['1.5Gi', 1_610_612_736_000n],
    ['1Ei', 2n ** 60n * 1000n],
  ])('reads %s as %s thousandths', (text, thousandths) => {
    expect(parseQuantity(text)).toBe(thousandths)
  })

  it.each(['', '.', 'm', '1 Gi', '1GB', '1gi', '1K', '0x10', '1e', '--1', '1e3Mi', 'Infinity'])(
    'refuses %s',
    (text) => {
      expect(() => parseQuantity(text)).toThrow(RangeError)
    },
  )
})

describe('formatQuantity', () => {
  it.each([
    [0n, '0'],
    [1500n, '1500m'],
    [2000n, '2'],
    [1_024_000n, '1024'],
    [parseQuantity('512Mi'), '512Mi'],
    [parseQuantity('1024Mi'), '1Gi'],
    [parseQuantity('1.5Gi'), '1536Mi'],
    [parseQuantity('1G'), '1000000000'],
    [-500n, '-500m'],
  ])('writes %s thousandths as %s', (thousandths, text) => {
    expect(formatQuantity(thousandths)).toBe(text)
  })
})
