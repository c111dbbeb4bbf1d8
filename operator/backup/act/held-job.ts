/** A Job that was made held back: let go, and taken away. By its uid, so that another one of its name is left alone. */
import type { KubeClient } from '../../kube/client.ts'
import { kinds } from '../../kube/kinds.ts'
import type { JobPlace } from '../observation.ts'

export async function releaseJob(client: KubeClient, { namespace, name, uid }: JobPlace): Promise<void> {
  const body = { metadata: { uid }, spec: { suspend: false } }
  await client.patch(kinds.Job, { namespace, name }, { type: 'merge', body })
}

/** It stays visible until its pods are gone: none of them works on in the meantime. */
export async function removeJob(client: KubeClient, { namespace, name, uid }: JobPlace): Promise<void> {
  await client.delete(kinds.Job, { namespace, name }, { uid, propagation: 'Foreground' })
}
