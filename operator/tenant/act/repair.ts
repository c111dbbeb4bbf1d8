/** Sets objects of a tenant's release right, and remembers that it was necessary. */
import { repairRelease } from '../../helm/repair.ts'
import type { Task } from '../act.ts'
import { autoscaledOf, repairKey } from '../observe/drift.ts'
import type { Step } from '../step.ts'

export async function repairDrift(
  { hands, tenant, signal }: Task,
  { release, namespace, revision, objects }: Extract<Step, { kind: 'repair-release' }>,
): Promise<void> {
  const { world } = hands
  await repairRelease(hands.release, {
    target: { release, namespace },
    revision,
    objects: objects.map(({ id }) => id),
    autoscaled: autoscaledOf(world.caches, tenant.metadata.uid),
    signal,
  })
  for (const { id } of objects) world.repairs.note(repairKey(namespace, id), world.now())
}
