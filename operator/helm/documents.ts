/** A manifest's YAML documents as plain values, read by JavaScript: where no engine reads them, and for records that are read seldom. */
import { parseAllDocuments, type Tags } from 'yaml'
import { ReleaseFailure } from './failure.ts'

/** Kubernetes reads YAML 1.1 (`0440` is octal, `yes` is true) and `0o17`, but neither dates nor base-60 numbers. */
const tags = (all: Tags): Tags => [
  ...all.filter((tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || isBase60(tag))),
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0o[0-7]+$/,
    resolve: (text: string) => Number.parseInt(text.replace('0o', ''), 8),
  },
]
const isBase60 = (tag: object) => 'format' in tag && tag.format === 'TIME'

/** In the order of the manifest, empty documents left out. Throws ReleaseFailure `RenderFailed`. */
export function readDocuments(manifest: string): readonly unknown[] {
  const documents = parseAllDocuments(manifest, { version: '1.1', customTags: tags })
  return (Array.isArray(documents) ? documents : []).flatMap((document) => {
    const problem = document.errors[0]
    if (problem)
      throw new ReleaseFailure('RenderFailed', 'input', `the manifest is not YAML: ${problem.message}`)
    const value: unknown = document.toJS()
    return value === null || value === undefined ? [] : [value]
  })
}
