/** What a run of a vitest project comes to: counts, and each failure in a few lines. Pure. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export interface Tally {
  readonly passed: number
  readonly failed: number
  /** Each names file and test, with the beginning of what was said. */
  readonly failures: readonly string[]
}

/** Of vitest's JSON reporter: what is read here. */
export interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

/** A failure's first lines say what; the rest is above, with its stack. */
const LINES = 12
const WIDTH = 300

/** A run that ended without a report (a set-up that failed), or badly for no test's fault, counts as one failure. */
export function tallyOf(
  project: string,
  code: number,
  report: Report | undefined,
  root: string,
): Tally & { readonly skipped: number } {
  if (report === undefined)
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`${project}: ended with ${code} and no report; its output is above`],
    }
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const tests = assertionResults
      .filter((each) => each.status === 'failed')
      .map((each) => told(`${file} > ${each.fullName}`, each.failureMessages?.join('\n') ?? ''))
    // A file whose hooks or imports failed has no failed test, or none that says why.
    return status === 'failed' && tests.length === 0 ? [told(file, message)] : tests
  })
  if (failures.length === 0 && code !== 0)
    failures.push(`${project}: ended with ${code} though no test failed; its output is above`)
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failures.length),
    skipped: report.numPendingTests,
    failures,
  }
}

function told(title: string, message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, LINES)
    .map((line) => `  ${line.slice(0, WIDTH)}`)
  return [title, ...lines].join('\n')
}
