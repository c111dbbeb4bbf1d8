/**
 * Part of `npm run generate`: writes the rules of the chart's ClusterRole and Role from the table of kinds. A test
 * compares them with what is committed, so a kind cannot be used without its right, nor a right kept without its kind.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { clusterRules, frontRules, homeRules } from './rbac.ts'

/** File name below charts/tenantops/generated → content. */
export function generatedRules(): ReadonlyMap<string, string> {
  const text = (rules: object) => stringify(rules, { aliasDuplicateObjects: false, lineWidth: 0 })
  return new Map([
    ['cluster-rules.yaml', text(clusterRules())],
    ['home-rules.yaml', text(homeRules())],
    ['front-rules.yaml', text(frontRules())],
  ])
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../charts/tenantops/generated')
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of generatedRules()) writeFileSync(join(folder, name), content)
}
