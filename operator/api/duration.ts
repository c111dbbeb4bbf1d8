/**
 * Durations as Go and Prometheus users write them ("90s", "30m", "24h", "30d"): the schema of a field, and reading.
 * One number and one unit: nobody has to add up "1h30m", which is 90m.
 */
import { z } from 'zod'
import { cel } from './cel.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration given in `field`, from nothing up to ten years. */
export function duration(field: string, example: string) {
  return cel(z.string().max(16), {
    rule: "self.matches('^(0|[1-9][0-9]{0,8})[smhd]$') && (self.endsWith('s') || (self.endsWith('m') && size(self) <= 8) || (self.endsWith('h') && size(self) <= 6) || size(self) <= 5)",
    message: `${field} must be one number with the unit s, m, h or d, up to ten years: write it like ${example}.`,
  })
}

/** Milliseconds. Throws RangeError when it is none, which the API server refuses beforehand. */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const factor = UNITS[unit]
  if (number === undefined || factor === undefined) {
    throw new RangeError(`"${text}" is not a duration such as 30m or 24h`)
  }
  return Number(number) * factor
}
