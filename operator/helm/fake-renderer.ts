/** A renderer for unit tests: the manifest is what the given function says, and every request is remembered. */
import { readDocuments } from './documents.ts'
import type { ChartRenderer, RenderRequest } from './renderer.ts'

export interface FakeRenderer extends ChartRenderer {
  readonly requests: RenderRequest[]
}

/** Without a function, the values are the manifest: `{ objects: [...] }` as JSON documents. */
export function fakeRenderer(manifestOf: (request: RenderRequest) => string = documents): FakeRenderer {
  const requests: RenderRequest[] = []
  return {
    requests,
    async render(request) {
      requests.push(request)
      const manifest = manifestOf(request)
      return { manifest, documents: readDocuments(manifest) }
    },
    read: async (manifest) => readDocuments(manifest),
  }
}

function documents({ values }: RenderRequest): string {
  const { objects = [] } = values as { objects?: readonly object[] }
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('')
}
