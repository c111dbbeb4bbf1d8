import { expect, test } from 'vitest'
import type { WatchEvent } from './client.ts'
import { kinds } from './kinds.ts'
import { readEvents } from './watch.ts'

const asked = { verb: 'watch', resource: 'configmaps' }

async function events(chunks: Iterable<string>): Promise<WatchEvent[]> {
  async function* body() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  return Array.fromAsync(readEvents(body(), kinds.ConfigMap, asked))
}

const added = (name: string, value = '') =>
  `${JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: '5' }, data: { value } } })}\n`

test('what is no event is said as such, without its words: they may be secret', async () => {
  const odd = [
    '<html>hunter2</html>\n',
    '"hunter2"\n',
    'null\n',
    `${JSON.stringify({ type: 'ADDED', object: null })}\n`,
  ]
  const seen = await events([...odd, added('a')])
  expect(seen.map(({ kind }) => kind)).toEqual(['malformed', 'malformed', 'malformed', 'malformed', 'added'])
  expect(JSON.stringify(seen)).not.toContain('hunter2')
})

test('a line that is cut at the end of the stream is no event: the next watch tells it whole', async () => {
  expect((await events([added('a'), added('b').slice(0, -5)])).map(({ kind }) => kind)).toEqual(['added'])
})

test('a line without end is given up at 16 MiB; a big object is not', async () => {
  const mebibyte = 'x'.repeat(2 ** 20)
  expect(await events([added('big', 'y'.repeat(3 * 2 ** 20))])).toMatchObject([{ kind: 'added' }])
  let given = 0
  const endless = {
    *[Symbol.iterator]() {
      yield added('a')
      for (; given < 1_000; given += 1) yield mebibyte
    },
  }
  expect((await events(endless)).map(({ kind }) => kind)).toEqual(['added', 'malformed'])
  expect(given).toBeLessThan(18)
})
