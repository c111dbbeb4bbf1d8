/** A template's Job is removed with the password that it was given, wherever the operator is killed. */
import { expect, it } from 'vitest'
import { aBlueprint } from '../../test/fixtures/tenant-objects.ts'
import type { Kind } from '../kube/kinds.ts'
import { actOnBlueprint, type BlueprintHands } from './act.ts'

it('removes the Job last, by which its Secret is found again', async () => {
  const present = new Set(['Secret', 'Job'])
  /** Killed before the `left + 1`-th request. */
  const removing = (left: number) => {
    let requests = 0
    const remove = async ({ kind }: Kind) => {
      requests += 1
      if (requests > left) throw new Error('killed')
      present.delete(kind)
      return 'deleted'
    }
    const hands = { client: { delete: remove }, world: { operatorNamespace: 'system' } }
    const step = { kind: 'remove-job', job: 'tpl-1' } as const
    return actOnBlueprint(hands as unknown as BlueprintHands, aBlueprint(), step)
  }
  await expect(removing(1)).rejects.toThrow('killed')
  expect([...present]).toEqual(['Job'])
  await removing(2)
  expect([...present]).toEqual([])
})
