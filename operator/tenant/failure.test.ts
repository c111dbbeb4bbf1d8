/** Errors of the drivers in the words of conditions. */
import { expect, it } from 'vitest'
import { PostgresError } from '../postgres/errors.ts'
import { asStepFailure } from './failure.ts'

it.each([
  ['Unreachable', 'DatabaseUnavailable'],
  ['WrongPassword', 'DatabaseUnavailable'],
  ['ServerStarting', 'DatabaseUnavailable'],
  ['TooManyConnections', 'DatabaseTooManyConnections'],
  ['DiskFull', 'DatabaseDiskFull'],
] as const)('a PostgreSQL fault %s of a step is %s', (fault, reason) => {
  const cause = new PostgresError(fault, 'postgres refuses')
  expect(asStepFailure(cause)).toMatchObject({ reason, remedy: 'later', message: 'postgres refuses', cause })
})

it('what is a failure already stays one', () => {
  const failure = asStepFailure(new Error('surprise'))
  expect(failure).toMatchObject({ reason: 'InternalError', message: 'surprise' })
  expect(asStepFailure(failure)).toBe(failure)
})
