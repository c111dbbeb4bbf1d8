/** The termination message: Kubernetes keeps 4096 bytes, so a long list of modules is cut, never the verdict. Pure. */
import type { ChangeResult, TemplateResult } from './contract.ts'

const limit = 4000

export function termination(result: TemplateResult | ChangeResult): string {
  const text = JSON.stringify(result)
  if (Buffer.byteLength(text) <= limit) return text
  if (!result.ok) {
    // A quote or backslash takes two bytes in JSON, other characters at most four (or six as an escape).
    return JSON.stringify({ ...result, problem: `${result.problem.slice(0, 600)}…` })
  }
  const modules: string[] = []
  let size = Buffer.byteLength(JSON.stringify({ ...result, modules }))
  for (const name of result.modules) {
    size += Buffer.byteLength(JSON.stringify(name)) + 1
    if (size > limit) break
    modules.push(name)
  }
  return JSON.stringify({ ...result, modules })
}
