/**
 * Kubernetes quantities ("500m", "1Gi", 2): the schema of a field, and exact reading and writing of them.
 * Both a string and a bare integer are taken, as kubectl users expect of `cpu: 2`. Nothing is ever normalised in a
 * stored object: "1000m" stays "1000m", so that GitOps tools see no difference.
 */
import { z } from 'zod'
import { cel } from './cel.ts'

/** A quantity as stored. */
export type Quantity = string | number

/** A positive quantity, given in `field`; `example` is what the refusal suggests. */
export function quantity(field: string, example: string) {
  return cel(
    z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true, maxLength: 32 }),
    { rule: 'isQuantity(string(self))', message: `${field} must be a quantity: write it like ${example}.` },
    {
      rule: "!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity('0'))",
      message: `${field} must be more than zero: write it like ${example}.`,
    },
  )
}

const SUFFIX: Readonly<Record<string, bigint>> = {
  '': 1_000_000_000n,
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 1_000_000_000n << 10n,
  Mi: 1_000_000_000n << 20n,
  Gi: 1_000_000_000n << 30n,
  Ti: 1_000_000_000n << 40n,
  Pi: 1_000_000_000n << 50n,
  Ei: 1_000_000_000n << 60n,
}

/** The quantity in billionths of its unit (core or byte), rounded up as Kubernetes does; undefined when it is none. */
export function parseQuantity(value: Quantity): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    String(value),
  )
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match
  if (whole === '' && fraction === '') return undefined
  const unit = SUFFIX[suffix]
  if (unit === undefined) return undefined
  const shift = Number(exponent ?? 0) - fraction.length
  const digits = BigInt(whole + fraction) * unit
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -scaled : scaled
}

/** CPU in thousandths of a core, rounded up. Throws when it is no quantity. */
export function cpuMillis(value: Quantity): number {
  return Number(divideUp(parsed(value), 1_000_000n))
}

/** Memory or disk in bytes, rounded up. Throws when it is no quantity. */
export function bytes(value: Quantity): number {
  return Number(divideUp(parsed(value), 1_000_000_000n))
}

/** Thousandths of a core as a canonical quantity: 1500 is "1500m", 2000 is "2". */
export function formatCpu(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`
}

/** Bytes as the shortest exact quantity with a binary suffix: 1073741824 is "1Gi". */
export function formatBytes(count: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']
  let rest = count
  let step = 0
  while (step < suffixes.length - 1 && rest !== 0 && rest % 1024 === 0) {
    rest /= 1024
    step += 1
  }
  return `${rest}${suffixes[step]}`
}

function parsed(value: Quantity): bigint {
  const result = parseQuantity(value)
  if (result === undefined) throw new RangeError(`"${value}" is not a quantity`)
  return result
}

function divideUp(value: bigint, by: bigint): bigint {
  return value % by > 0n ? value / by + 1n : value / by
}
