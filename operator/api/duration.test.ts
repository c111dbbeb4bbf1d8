import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '5', 'h', '1h30m', '-1h', '1.5h', '1w'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration such as 30m or 24h')
  })
})
