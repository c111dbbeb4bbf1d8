/** The termination message: Kubernetes keeps 4096 bytes, so a long list is cut, never the verdict. Pure. */
import type { ChangeResult, TemplateResult } from './contract.ts'
import type { PointResult } from './point-commands.ts'

const limit = 4000

/** Lists that may be cut at their end: of points the newest come first. */
const lists = ['modules', 'points', 'evidence'] as const

export function termination(result: TemplateResult | ChangeResult | PointResult): string {
  const text = JSON.stringify(result)
  if (Buffer.byteLength(text) <= limit) return text
  if (!result.ok) {
    // A quote or backslash takes two bytes in JSON, other characters at most four (or six as an escape).
    return JSON.stringify({ ...result, problem: `${result.problem.slice(0, 600)}…` })
  }
  const whole: Readonly<Record<string, unknown>> = result
  const name = lists.find((each) => Array.isArray(whole[each]))
  if (name === undefined) return text
  const kept: unknown[] = []
  let size = Buffer.byteLength(JSON.stringify({ ...whole, [name]: kept }))
  for (const item of whole[name] as readonly unknown[]) {
    size += Buffer.byteLength(JSON.stringify(item)) + 1
    if (size > limit) break
    kept.push(item)
  }
  return JSON.stringify({ ...whole, [name]: kept })
}
