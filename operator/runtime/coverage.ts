/** Which objects a watch speaks of, as far as we can tell without the server. */
import type { KubeObject } from '../kube/object.ts'
import { labelMatcher } from '../kube/selector.ts'

interface Scope {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** Whether an object belongs to the watched set; undefined when only the server can say. */
export function coverage({
  namespace,
  labelSelector,
  fieldSelector,
}: Scope): (object: KubeObject) => boolean | undefined {
  const matches = labelSelector ? labelMatcher(labelSelector) : () => true
  return (object) => {
    if (namespace && object.metadata.namespace !== namespace) return false
    if (!matches(object.metadata.labels)) return false
    if (fieldSelector === undefined) return true
    const name = /^metadata\.name=([^,]+)$/.exec(fieldSelector)?.[1]
    return name === undefined ? undefined : object.metadata.name === name
  }
}
