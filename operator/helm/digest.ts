/**
 * One digest for everything a release is made from: the chart, the values, and the method of this file. Equal digests
 * mean nothing to do. The method's number changes when the way of digesting does, never by accident.
 */
import { createHash } from 'node:crypto'

const method = 1

/** JSON with sorted keys; members that are undefined do not count, null does (in Helm's values it removes a default). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
    const entries = Object.entries(part).filter(([, member]) => member !== undefined)
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  })
}

/** 40 hex digits, so that it fits a label. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 40)
}

/** The digest of a release: what `judgeRelease` compares. */
export function releaseDigest(chartDigest: string, values: object): string {
  return digestOf({ method, chart: chartDigest, values })
}
