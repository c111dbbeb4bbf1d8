import { expect, test } from 'vitest'
import { createMutex } from './mutex.ts'

test('one at a time, in order, and a failure stops nobody', async () => {
  const mutex = createMutex()
  const seen: string[] = []
  const turn = (name: string, fails = false) =>
    mutex.run(async () => {
      seen.push(`${name} in`)
      await Promise.resolve()
      seen.push(`${name} out`)
      if (fails) throw new Error(name)
      return name
    })
  const results = await Promise.allSettled([turn('a'), turn('b', true), turn('c')])
  expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
