import { expect, test } from 'vitest'
import { median, quantile, trend } from './statistics.ts'

test('a line is found whatever it is, and noise has an error larger than its slope', () => {
  expect(trend([0, 1, 2, 3].map((x) => [x, 5 + 2 * x]))).toEqual({ slope: 2, error: 0 })
  const noise = trend([5, 7, 4, 6, 5, 7, 4, 6].map((y, x) => [x, y]))
  expect(noise.error).toBeGreaterThan(Math.abs(noise.slope))
})

test('quantiles are values that were measured', () => {
  const values = [5, 1, 4, 2, 3]
  expect(quantile(values, 0.5)).toBe(3)
  expect(quantile(values, 0.99)).toBe(5)
  expect(median([1, 2, 3, 4])).toBe(2.5)
})
