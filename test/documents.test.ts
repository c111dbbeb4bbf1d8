/** What README, guides, design pages and references name in the repository is there: links, paths, and files by their name. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { projectDirectory as cwd } from './cluster/paths.ts'

const rooms = ['bench', 'charts', 'crds', 'demo', 'docs', 'examples', 'helm-engine', 'operator', 'test']
const documents = globSync(['README.md', 'bench/README.md', 'docs/**/*.md'], { cwd })
const code = globSync(
  rooms.map((room) => `${room}/**/*.ts`),
  { cwd },
)

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)
const link = /\]\((?!https?:|#)([^)#\s]+)/g
/** From the top of the repository; a pattern, or the beginning of names, as a test run takes it. */
const path = new RegExp(`(?<![\\w./@-])((?:${rooms.join('|')})/(?:[\\w./*-]|\\{[^}\\s]*\\})*)`, 'g')
const module = /(?<![\w./@…*-])((?:\w[\w.-]*\/)*\w[\w.-]*\.ts)\b/g

it.each(documents)('%s names nothing that is not there', (document) => {
  const text = readFileSync(join(cwd, document), 'utf8')
  const away = [
    ...all(text, link).filter((target) => !existsSync(join(cwd, dirname(document), target))),
    ...all(text, path).filter((named) => globSync(`${named.replace(/[./]+$/, '')}*`, { cwd }).length === 0),
    ...all(text, module).filter((named) => !code.some((file) => `/${file}`.endsWith(`/${named}`))),
  ]
  expect(away).toEqual([])
})

it('would see what is not there', () => {
  const said = 'See [why](gone.md), `operator/gone.ts` or `*-gone.test.ts`, and `now.gone.ts`.'
  expect([link, path, module].map((pattern) => all(said, pattern))).toEqual([
    ['gone.md'],
    ['operator/gone.ts'],
    ['operator/gone.ts', 'now.gone.ts'],
  ])
})
