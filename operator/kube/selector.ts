/**
 * Label selectors in the API server's own syntax, judged here: so that our own write of an object that leaves a
 * selected set leaves the cache too. Parts are joined by commas: `a`, `!a`, `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`.
 */
type Labels = Readonly<Record<string, string>>

/** Throws TypeError for a selector that does not parse. */
export function labelMatcher(selector: string): (labels: Labels | undefined) => boolean {
  const parts = selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map(requirement)
  return (labels = {}) => parts.every((holds) => holds(labels))
}

function requirement(text: string): (labels: Labels) => boolean {
  const set = /^([^\s=!(),]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = new Set(list.split(',').map((value) => value.trim()))
    return (labels) => values.has(own(labels, key) ?? '\0') === (operator === 'in')
  }
  const equal = /^([^\s=!(),]+)\s*(==?|!=)\s*([^\s=!(),]*)$/.exec(text)
  if (equal) {
    const [, key = '', operator, value] = equal
    return (labels) => (own(labels, key) === value) === (operator !== '!=')
  }
  const exists = /^(!?)\s*([^\s=!(),]+)$/.exec(text)
  if (exists) {
    const [, not, key = ''] = exists
    return (labels) => Object.hasOwn(labels, key) === (not === '')
  }
  throw new TypeError(`label selector part "${text}" is not understood`)
}

function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
