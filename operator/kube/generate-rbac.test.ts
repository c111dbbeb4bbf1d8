import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedRules } from './generate-rbac.ts'

const folder = join(import.meta.dirname, '../../charts/tenantops/generated')

describe('rights in the chart', () => {
  it.each([...generatedRules()])('%s is what the table of kinds asks for', (name, content) => {
    expect(readFileSync(join(folder, name), 'utf8'), 'run `npm run generate`').toBe(content)
  })
  it('never hold a wildcard', () => {
    expect([...generatedRules().values()].join()).not.toContain('*')
  })
})
