/** What is asked of the API server, in the words of an error, and as query and header. */
import type { Selection } from './client.ts'
import type { Asked } from './errors.ts'
import { type Kind, resourceOf } from './kinds.ts'

export function asking(
  verb: string,
  kind: Kind,
  ref: { namespace?: string | undefined; name?: string | undefined },
  subresource?: string,
): Asked {
  const resource = subresource ? `${resourceOf(kind)}/${subresource}` : resourceOf(kind)
  return { verb, resource, namespace: kind.namespaced ? ref.namespace : undefined, name: ref.name }
}

export function selectionQuery({ labelSelector, fieldSelector }: Selection): URLSearchParams {
  return new URLSearchParams({
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
  })
}

export function acceptOf({ metadataOnly }: Selection, as: string): string | undefined {
  return metadataOnly ? `application/json;as=${as};g=meta.k8s.io;v=v1` : undefined
}
