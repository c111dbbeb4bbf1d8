/** Lists of any length, page by page; a list whose continue token grew too old on the way begins again. */
import { acceptOf, asking, selectionQuery } from './asking.ts'
import type { Call, KubeClient, Page, Selection } from './client.ts'
import { type Asked, GoneError } from './errors.ts'
import type { Kind } from './kinds.ts'
import type { KubeObject } from './object.ts'
import { collectionPath } from './paths.ts'
import type { Request } from './transport.ts'
import { named } from './watch.ts'

interface List {
  readonly items: object[] | null
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

type Json = <T>(
  asked: Asked,
  method: Request['method'],
  path: string,
  part?: Partial<Pick<Request, 'signal' | 'accept'>>,
) => Promise<T>

/** The pages of a list, each asked for when the one before it has been read. */
export function pagesOf(json: Json, pageSize: number): KubeClient['pages'] {
  return async function* <T extends KubeObject>(
    kind: Kind,
    selection: Selection = {},
    { signal }: Call = {},
  ) {
    const query = selectionQuery(selection)
    query.set('limit', String(pageSize))
    for (;;) {
      const path = `${collectionPath(kind, selection.namespace)}?${query}`
      const accept = acceptOf(selection, 'PartialObjectMetadataList')
      const { items, metadata } = await json<List>(asking('list', kind, selection), 'GET', path, {
        accept,
        signal,
      })
      yield {
        items: (items ?? []).map((item) => named<T>(item, kind)),
        resourceVersion: metadata.resourceVersion,
      } satisfies Page<T>
      if (!metadata.continue) return
      query.set('continue', metadata.continue)
    }
  }
}

/** All pages as one list, of one version. */
export async function whole<T extends KubeObject>(
  pages: KubeClient['pages'],
  kind: Kind,
  selection?: Selection,
  call?: Call,
): Promise<{ items: T[]; resourceVersion: string }> {
  for (let expired = 0; ; expired += 1) {
    try {
      const items: T[] = []
      let resourceVersion = ''
      for await (const page of pages<T>(kind, selection, call)) {
        for (const item of page.items) items.push(item)
        resourceVersion = page.resourceVersion
      }
      return { items, resourceVersion }
    } catch (error) {
      if (!(error instanceof GoneError) || expired >= 2) throw error
    }
  }
}
