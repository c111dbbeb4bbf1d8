/** A run's end says what failed and why, whatever scrolled by before. */
import { expect, it } from 'vitest'
import { type Report, tallyOf } from './tally.ts'

const report = (...testResults: Report['testResults']): Report => ({
  numPassedTests: 3,
  numFailedTests: testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  ).length,
  numPendingTests: 1,
  testResults,
})
const good = { status: 'passed', fullName: 'stands' }

it('counts what passed, failed and was skipped', () => {
  const file = { name: '/p/test/a.test.ts', status: 'passed', message: '', assertionResults: [good] }
  expect(tallyOf('unit', 0, report(file), '/p')).toEqual({ passed: 3, failed: 0, skipped: 1, failures: [] })
})

it('names file and test of a failure, and the beginning of what it said', () => {
  const said = `\u001b[31mAssertionError: expected 1 to be 2\u001b[39m\n\n${'    at somewhere\n'.repeat(40)}`
  const bad = { status: 'failed', fullName: 'a tenant is ready', failureMessages: [said] }
  const file = { name: '/p/test/a.test.ts', status: 'failed', message: '', assertionResults: [good, bad] }
  const { failed, failures } = tallyOf('unit', 1, report(file), '/p')
  expect(failed).toBe(1)
  expect(failures[0]?.split('\n').slice(0, 2)).toEqual([
    'test/a.test.ts > a tenant is ready',
    '  AssertionError: expected 1 to be 2',
  ])
  expect(failures[0]?.split('\n')).toHaveLength(13)
})

it('counts a file whose set-up failed, a run that failed beside its tests, and one without a report', () => {
  const file = { name: '/p/test/a.test.ts', status: 'failed', message: 'no cluster', assertionResults: [] }
  expect(tallyOf('e2e', 1, report(file), '/p')).toMatchObject({
    failed: 1,
    failures: ['test/a.test.ts\n  no cluster'],
  })
  expect(tallyOf('e2e', 1, report(), '/p')).toMatchObject({
    failed: 1,
    failures: [expect.stringMatching(/though no test failed/)],
  })
  expect(tallyOf('e2e', 1, undefined, '/p')).toMatchObject({
    failed: 1,
    failures: [expect.stringMatching(/no report/)],
  })
})
