import { expect, test } from 'vitest'
import { harmlessQuery, judgeHarmless } from './harmless.ts'

test('afterwards the database is asked; a lack counts like a thing too many', () => {
  const { text } = harmlessQuery(new Set(['ir_cron.active']))
  expect(text).toContain('active crons')
  expect(text).not.toContain('payment')
  expect(judgeHarmless([{ what: 'active crons', count: 0 }])).toBeUndefined()
  expect(
    judgeHarmless([
      { what: 'active crons', count: 2 },
      { what: 'lack of the parameter database.is_neutralized', count: 1 },
    ]),
  ).toContain('(2 active crons, lack of the parameter database.is_neutralized)')
  expect(judgeHarmless([]), 'nothing counted is nothing proved').toContain('nothing was counted')
})
