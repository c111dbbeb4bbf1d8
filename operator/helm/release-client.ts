/** The verbs of releases from the operator's client. */
import type { KubeClient } from '../kube/client.ts'
import type { ReleaseClient } from './release.ts'

export function releaseClient(client: KubeClient): ReleaseClient {
  return {
    get: client.get.bind(client),
    create: client.create.bind(client),
    update: client.update.bind(client),
    patch: client.patch.bind(client),
    delete: client.delete.bind(client),
    applyAs: (manager, kind, object, call) => client.apply(kind, object, { ...call, manager }),
  }
}
