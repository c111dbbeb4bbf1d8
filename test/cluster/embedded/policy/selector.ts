/** Label selectors as objects (`matchLabels`, `matchExpressions`), judged as the API server does. */
import type { LabelSelector, Labels } from './objects.ts'

/** An empty selector selects everything; what it does not understand it selects nothing with. */
export function selects(selector: LabelSelector, labels: Labels = {}): boolean {
  const has = (key: string) => Object.hasOwn(labels, key)
  const equal = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => has(key) && labels[key] === value,
  )
  const expressions = selector.matchExpressions ?? []
  return (
    equal &&
    expressions.every(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In':
          return has(key) && values.includes(labels[key] ?? '')
        case 'NotIn':
          return !has(key) || !values.includes(labels[key] ?? '')
        case 'Exists':
          return has(key)
        case 'DoesNotExist':
          return !has(key)
        default:
          return false
      }
    })
  )
}
