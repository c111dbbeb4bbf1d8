import { describe, expect, it } from 'vitest'
import { type Before, releaseDelta } from './delta.ts'
import { readDocuments } from './documents.ts'
import { type RenderedObject, releaseObjects } from './manifest.ts'
import { target } from './sample-chart.ts'

/** `a1 b2! c1` is ConfigMaps a, b and c with data 1, 2 and 1; `!` marks keep. */
const objects = (words: string): readonly RenderedObject[] =>
  releaseObjects(
    readDocuments(
      words
        .split(' ')
        .filter(Boolean)
        .map((word) => {
          const keep = word.endsWith('!') ? ', annotations: {helm.sh/resource-policy: keep}' : ''
          return `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: ${word[0]}${keep}}, data: {x: "${word[1]}"}}\n`
        })
        .join(''),
    ),
    target,
  )

const left = (deployed: string | undefined, ...unsure: string[]): Before => ({
  deployed: deployed === undefined ? undefined : objects(deployed),
  unsure: unsure.map(objects),
})
const names = (list: readonly RenderedObject[]) => list.map(({ name }) => name).join('')

describe('releaseDelta', () => {
  it.each<[string, Before, string, string, string, string]>([
    ['first install', left(undefined), 'a1 b1', 'ab', '', ''],
    ['nothing changed', left('a1 b1'), 'a1 b1', '', '', ''],
    ['one changed, one new, one gone', left('a1 b1 c1'), 'a2 b1 d1', 'ad', 'c', ''],
    ['gone but to be kept', left('a1 b1!'), 'a1', '', '', 'b'],
    ['install cut off: nothing is sure', left(undefined, 'a1 b1'), 'a1 b1', 'ab', '', ''],
    ['upgrade cut off, then continued', left('a1 b1 c1', 'a2 b1'), 'a2 b1', 'a', 'c', ''],
    ['upgrade cut off, then taken back', left('a1 b1', 'a2 b1 d1'), 'a1 b1', 'a', 'd', ''],
    ['an upgrade that would remove b was cut off: b may be gone', left('a1 b1', 'a1'), 'a1 b1', 'b', '', ''],
    ['two cut off', left('a1', 'a1 c1', 'a1 b1'), 'a1', '', 'bc', ''],
    ['kept by the newest word on it', left('a1 b1', 'a1 b1!'), 'a1', '', '', 'b'],
    ['removed whole', left('a1 b1!', 'c1'), '', '', 'ac', 'b'],
  ])('%s', (_what, was, next, apply, remove, keep) => {
    const delta = releaseDelta(was, objects(next))
    expect([names(delta.apply), [...names(delta.remove)].sort().join(''), names(delta.keep)]).toEqual([
      apply,
      remove,
      keep,
    ])
  })
})
