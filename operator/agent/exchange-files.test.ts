import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exchangeFiles } from './exchange-files.ts'

const spec = { database: 't_1', restored: 't_1_restored_abcdef01', former: 't_1_former_abcdef01' }
let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tenantops-files-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const pathOf = (content: string): string => {
  const sha = createHash('sha1').update(content).digest('hex')
  return `${sha.slice(0, 2)}/${sha}`
}
const store = (name: string, ...rest: readonly string[]) => join(data, 'filestore', name, ...rest)
async function put(directory: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(store(directory, path)), { recursive: true })
  await writeFile(store(directory, path), content)
}
const fill = async (directory: string, ...contents: readonly string[]) => {
  for (const content of contents) await put(directory, pathOf(content), content)
}
const has = async (directory: string, content: string) =>
  (await readFile(store(directory, pathOf(content)), 'utf8').catch(() => undefined)) === content
const listed = (content: string) =>
  stat(store('t_1', 'checklist', pathOf(content))).then(
    () => true,
    () => false,
  )

describe('exchangeFiles', () => {
  it('makes the directory serve both, keeps the former, and lists what the point does not have', async () => {
    await fill('t_1', 'old', 'both')
    await put('t_1', `checklist/${pathOf('old')}`, '')
    await put('t_1', `checklist/${pathOf('both')}`, '')
    await fill(spec.restored, 'both', 'new')
    expect(await exchangeFiles(spec, data)).toEqual({ ok: true, kept: 2, brought: 2 })
    for (const content of ['old', 'both', 'new']) expect(await has('t_1', content), content).toBe(true)
    for (const content of ['old', 'both']) expect(await has(spec.former, content), content).toBe(true)
    expect([await listed('old'), await listed('both'), await listed('new')]).toEqual([true, false, false])
    expect(await readdir(store(''))).toEqual(['t_1', spec.former])
    // A former of its own: Odoo's sweep of the one does not touch the other.
    await rm(store('t_1', pathOf('old')))
    expect(await has(spec.former, 'old')).toBe(true)
    expect(await exchangeFiles(spec, data)).toMatchObject({ ok: true, kept: 0, brought: 0 })
  })

  it('heals a file whose content is damaged', async () => {
    await put('t_1', pathOf('good'), 'rotten')
    await fill(spec.restored, 'good')
    await exchangeFiles(spec, data)
    expect(await has('t_1', 'good')).toBe(true)
  })

  it('serves a tenant that never had a file, and a point without one', async () => {
    await mkdir(store(spec.restored), { recursive: true })
    expect(await exchangeFiles(spec, data)).toEqual({ ok: true, kept: 0, brought: 0 })
    await fill(spec.restored, 'first')
    expect(await exchangeFiles(spec, data)).toMatchObject({ brought: 1 })
    expect(await has('t_1', 'first')).toBe(true)
  })

  it('ends the same from whatever an earlier run has left', async () => {
    const names = ['a', 'b', 'c', 'd']
    const some = fc.subarray(names)
    await fc.assert(
      fc.asyncProperty(
        fc.record({ old: some, point: some, linked: some, brought: some, gone: some, half: some }),
        async ({ old, point, linked, brought, gone, half }) => {
          await rm(store(''), { recursive: true, force: true })
          await mkdir(store(spec.restored), { recursive: true })
          await fill('t_1', ...old)
          await fill(spec.restored, ...point)
          // Cut off: some links were made in their order, or the restored directory was being removed.
          const all = linked.length >= old.length
          await fill(spec.former, ...old.filter((name) => all || linked.includes(name)))
          const there = all ? point.filter((name) => brought.includes(name)) : []
          await fill('t_1', ...there)
          if (all && there.length === point.length)
            for (const name of gone) await rm(store(spec.restored, pathOf(name)), { force: true })
          for (const name of half.filter((each) => point.includes(each)))
            await put('t_1', `${pathOf(name)}.restored`, name)
          await exchangeFiles(spec, data)
          for (const name of [...old, ...point]) expect(await has('t_1', name)).toBe(true)
          for (const name of old) expect(await has(spec.former, name)).toBe(true)
          for (const name of old.filter((each) => !point.includes(each)))
            expect(await listed(name)).toBe(true)
          expect(await readdir(store(''))).not.toContain(spec.restored)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes directories away, and says nothing of those that are gone', async () => {
    await fill(spec.former, 'old')
    expect(await exchangeFiles({ remove: [spec.former, 'never'] }, data)).toEqual({
      ok: true,
      kept: 0,
      brought: 0,
    })
    expect(await readdir(store(''))).not.toContain(spec.former)
  })
})
