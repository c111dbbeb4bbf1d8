/**
 * The order in which test files run: as vitest has it, but stories that run alone come last, so that the others run two
 * at a time without a pause.
 */
import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter((file) => !isAlone(file)), ...sorted.filter(isAlone)]
  }
}

function isAlone({ moduleId }: TestSpecification): boolean {
  return moduleId.includes('/test/e2e/') && /begin\([^)]*, 'alone'\)/.test(readFileSync(moduleId, 'utf8'))
}
