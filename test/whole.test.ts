/** What opens in parts leaves nothing behind when it does not open, with a real process as one of them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type PostgresProcess, startPostgresProcess } from '../bench/fleet/postgres-process.ts'
import { isAlive } from './cluster/processes.ts'
import { whole } from './fixtures/whole.ts'

test('a process that runs is killed and its folder removed when a later part fails', async () => {
  let folder = ''
  let postgres: PostgresProcess | undefined
  const opening = whole({ what: 'a world', seconds: 60 }, async (parts) => {
    folder = await parts.own(mkdtempSync(join(tmpdir(), 'whole-')), (path) =>
      rmSync(path, { recursive: true }),
    )
    postgres = await parts.own(startPostgresProcess(folder), (it) => it.stop())
    expect(isAlive(postgres.identity)).toBe(true)
    throw new Error('the API server is away')
  })
  await expect(opening).rejects.toThrow('the API server is away')
  expect(postgres && isAlive(postgres.identity)).toBe(false)
  expect(existsSync(folder)).toBe(false)
})

test('what opens when the time is over is closed by itself', async () => {
  const said: string[] = []
  const late = Promise.withResolvers<string>()
  const second = Promise.withResolvers<void>()
  const opening = whole({ what: 'a world', seconds: 0.05 }, async (parts) => {
    await parts.own('first', (name) => said.push(name))
    await parts.own(late.promise, (name) => said.push(name)).catch((error: unknown) => second.reject(error))
  })
  await expect(opening).rejects.toThrow('a world was not open after 0.05 s')
  expect(said).toEqual(['first'])
  late.resolve('late')
  await expect(second.promise).rejects.toThrow('a world is closed already')
  expect(said).toEqual(['first', 'late'])
})

test('all that is open is closed, last first, though one of them fails', async () => {
  const said: string[] = []
  const { close, found } = await whole({ what: 'a world', seconds: 60 }, async (parts) => {
    for (const name of ['first', 'second', 'third'])
      await parts.own(name, (each) => {
        said.push(each)
        if (each === 'second') throw new Error('second does not close')
      })
    return { close: parts.close, found: 'a world' }
  })
  expect(found).toBe('a world')
  await expect(close()).rejects.toThrow('second does not close')
  expect(said).toEqual(['third', 'second', 'first'])
})

test('what fails to open says so also when it cannot be closed', async () => {
  const opening = whole({ what: 'a world', seconds: 60 }, async (parts) => {
    await parts.own('first', () => Promise.reject(new Error('it stays')))
    throw new Error('the API server is away')
  })
  await expect(opening).rejects.toThrow(/the API server is away; and it could not be closed: .*it stays/)
})
