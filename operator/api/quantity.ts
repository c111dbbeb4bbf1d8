/**
 * Kubernetes quantities ("500m", "1Gi", 2): the schema of a field, and exact reading and writing of them.
 * Both a string and a bare integer are taken, as kubectl users expect of `cpu: 2`. Nothing is ever normalised in a
 * stored object: "1000m" stays "1000m", so that GitOps tools see no difference.
 */
import { z } from 'zod'
import { cel } from './cel.ts'

/** A quantity as stored. */
export type Quantity = string | number

/** A quantity of memory or disk, given in `field`, from `least` to 1Pi: a bare 512 is 512 bytes, and a mistake. */
export function size(field: string, least: string, example: string) {
  return quantity(
    field,
    example,
    between(least, '1Pi'),
    `${field} must be from ${least} to 1Pi: write it with its unit, like ${example}.`,
  )
}

/** A quantity of CPU, given in `field`, from 1m to 128: a bare 250 (cores) is a mistake for 250m. */
export function cpu(field: string) {
  return quantity(
    field,
    '250m or 1',
    between('1m', '128'),
    `${field} must be from 1m to 128 cores: write 250m for a quarter of a core.`,
  )
}

function between(least: string, most: string): string {
  const value = 'quantity(string(self))'
  return `${value}.compareTo(quantity('${least}')) >= 0 && ${value}.compareTo(quantity('${most}')) <= 0`
}

function quantity(field: string, example: string, rule: string, message: string) {
  return cel(
    z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true, maxLength: 32 }),
    { rule: 'isQuantity(string(self))', message: `${field} must be a quantity: write it like ${example}.` },
    { rule: `!isQuantity(string(self)) || (${rule})`, message },
  )
}

/** Thousandths of a unit per suffix; finer ones are rounded up, as Kubernetes does. */
const FACTORS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 1_000_000n],
  u: [1n, 1_000n],
  m: [1n, 1n],
  '': [1_000n, 1n],
  k: [10n ** 6n, 1n],
  M: [10n ** 9n, 1n],
  G: [10n ** 12n, 1n],
  T: [10n ** 15n, 1n],
  P: [10n ** 18n, 1n],
  E: [10n ** 21n, 1n],
  Ki: [1_000n << 10n, 1n],
  Mi: [1_000n << 20n, 1n],
  Gi: [1_000n << 30n, 1n],
  Ti: [1_000n << 40n, 1n],
  Pi: [1_000n << 50n, 1n],
  Ei: [1_000n << 60n, 1n],
}

/**
 * The quantity in thousandths of its unit (core or byte), exact, and rounded up below that.
 * Throws RangeError when it is none, which the API server refuses beforehand.
 */
export function parseQuantity(value: Quantity): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    String(value),
  )
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match ?? []
  const factor = FACTORS[suffix]
  if (match === null || factor === undefined || whole + fraction === '') {
    throw new RangeError(`"${value}" is not a quantity such as 500m or 1Gi`)
  }
  const shift = Number(exponent ?? 0) - fraction.length
  const times = BigInt(whole + fraction) * factor[0] * 10n ** BigInt(Math.max(shift, 0))
  const parts = factor[1] * 10n ** BigInt(Math.max(-shift, 0))
  const amount = sign === '-' ? -times : times
  return amount % parts > 0n ? amount / parts + 1n : amount / parts
}

/**
 * Thousandths of a unit as an exact quantity: 1500n is "1500m", 2000n is "2", and whole mebibytes and more get the
 * greatest binary suffix that is exact ("512Mi", "3Gi"). The same amount always gives the same text.
 */
export function formatQuantity(thousandths: bigint): string {
  if (thousandths % 1_000n !== 0n) return `${thousandths}m`
  const units = thousandths / 1_000n
  for (const [suffix, bits] of [
    ['Ei', 60n],
    ['Pi', 50n],
    ['Ti', 40n],
    ['Gi', 30n],
    ['Mi', 20n],
  ] as const) {
    if (units !== 0n && units % (1n << bits) === 0n) return `${units >> bits}${suffix}`
  }
  return String(units)
}
