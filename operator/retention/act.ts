/** The only writer for retained data. Each step can be repeated after a crash at any instruction. */
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { actOnServer } from '../postgres/ask-server.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import type { World } from '../tenant/world.ts'
import type { RetainedData } from './observation.ts'
import { retention } from './observe.ts'
import type { RetentionStep } from './plan.ts'

export interface RetentionHands {
  readonly client: KubeClient
  readonly world: World
}

/** Runs `step`. Throws the drivers' typed errors; ConflictError when a namespace changed that was to be closed. */
export async function actOnRetained(
  { client, world }: RetentionHands,
  data: RetainedData,
  step: RetentionStep,
): Promise<void> {
  const patch = (name: string, metadata: object) =>
    client.patch(kinds.Namespace, { name }, { type: 'merge', body: { metadata } })
  switch (step.kind) {
    case 'announce': {
      const annotations = { [annotationKeys.sweepAt]: new Date(step.sweepAt).toISOString() }
      await patch(step.namespace, { annotations })
      return
    }
    case 'close': {
      const { resourceVersion } = step
      await patch(step.namespace, { resourceVersion, labels: { [labelKeys.retained]: retention.ending } })
      return
    }
    case 'drop-database': {
      const tenantClass = world.caches.classes.get(data.className ?? '')
      if (!tenantClass) throw new Error(`TenantClass ${data.className} went while the database was dropped`)
      return actOnServer(world.servers, tenantClass, (server) => server.dropTenant(data.names))
    }
    case 'delete-namespace':
      await client.delete(kinds.Namespace, { name: step.namespace })
      return
  }
}
