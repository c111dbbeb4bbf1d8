/** A template's Job is removed with the password that it was given, wherever the operator is killed. */
import { expect, it } from 'vitest'
import { aBlueprint, aClass } from '../../test/fixtures/tenant-objects.ts'
import type { Kind } from '../kube/kinds.ts'
import { actOnBlueprint, type BlueprintHands } from './act.ts'
import type { BlueprintStep } from './plan.ts'

/** What there is of a template; the operator is killed before the `left + 1`-th request that would take something away. */
function aTemplate() {
  const present = new Set(['Database', 'Secret', 'Job'])
  const act = (step: BlueprintStep, left: number) => {
    let requests = 0
    const remove = async (kind: string) => {
      requests += 1
      if (requests > left) throw new Error('killed')
      present.delete(kind)
      return 'deleted'
    }
    const server = { dropTemplate: () => remove('Database') }
    const servers = { of: async () => ({ server }), blame: async () => {} }
    const hands = {
      client: { delete: ({ kind }: Kind) => remove(kind) },
      world: { operatorNamespace: 'system', servers },
    }
    return actOnBlueprint(hands as unknown as BlueprintHands, aBlueprint(), step)
  }
  return { present, act }
}
const removeJob: BlueprintStep = { kind: 'remove-job', job: 'tpl-1' }
const drop: BlueprintStep = {
  kind: 'drop',
  leftover: { class: aClass(), database: 'tpl_1', job: 'tpl-1' },
}

it.each([
  [removeJob, 1, ['Database', 'Job']],
  [drop, 1, ['Secret', 'Job']],
  [drop, 2, ['Job']],
] as const)(
  'removes the Job last, by which the rest is found again: %o after %i requests',
  async (step, after, left) => {
    const { present, act } = aTemplate()
    await expect(act(step, after)).rejects.toThrow('killed')
    expect([...present]).toEqual(left)
    await act(step, 3)
    expect([...present]).toEqual(step.kind === 'drop' ? [] : ['Database'])
  },
)
