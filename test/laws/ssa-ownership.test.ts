/**
 * The law of ownership: what others own survives our applies, what we stop applying goes unless another owns it too, and
 * an apply that says nothing new changes nothing. The same cases are asked of the real API server in test/integration.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { ownershipCase, playOwnership } from '../fixtures/ownership-cases.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

test('every field is what its owners say, after any applies and patches', async () => {
  await fc.assert(
    fc.asyncProperty(ownershipCase, async (steps) => {
      const { client } = new FakeApiServer({ clock: new VirtualClock() })
      await playOwnership(client, { namespace: 'x', name: 'a' }, steps)
    }),
    { numRuns: 300 },
  )
}, 20_000)
