/**
 * Law 5 for releases: cut off at any request, before or after it takes effect, and run again with whatever release is
 * wanted by then, the outcome is that of an undisturbed run: the same objects, one deployed record, nothing leaked.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FakeCluster, fakeCluster } from '../../operator/helm/fake-cluster.ts'
import { fakeRenderer } from '../../operator/helm/fake-renderer.ts'
import { releaseState } from '../../operator/helm/history.ts'
import { judgeRelease } from '../../operator/helm/judge.ts'
import { deployRelease } from '../../operator/helm/release.ts'
import { deployRequest, type SampleObject } from '../../operator/helm/sample-chart.ts'
import { uninstallRelease } from '../../operator/helm/uninstall.ts'

const object: fc.Arbitrary<SampleObject> = fc.record({
  kind: fc.constantFrom('ConfigMap' as const, 'Service' as const, 'ServiceAccount' as const),
  name: fc.constantFrom('a', 'b', 'c'),
  text: fc.constantFrom('1', '2'),
})
const release = fc.uniqueArray(object, { maxLength: 6, selector: ({ kind, name }) => `${kind}/${name}` })
/** A release to deploy, and the request at which the operator is killed, if it has so many. */
const attempt = fc.record({ objects: release, killAt: fc.nat(16), effect: fc.boolean() })

const killed = new Error('killed')

const deployOn = (cluster: FakeCluster, objects: readonly SampleObject[]) =>
  deployRelease(
    { client: cluster.client, renderer: fakeRenderer(), now: () => 0 },
    deployRequest(objects, cluster.revisions('acme')),
  )

/** After the kill nothing takes effect any more, as with a dead process. */
async function killedAt(cluster: FakeCluster, request: number, effect: boolean, run: () => Promise<unknown>) {
  let seen = -1
  cluster.tap = (_request, when) => {
    if (when === 'before') seen += 1
    if (seen > request || (seen === request && (when === 'after') === effect)) throw killed
  }
  await run().catch((problem: unknown) => {
    if (problem !== killed) throw problem
  })
  cluster.tap = () => {}
}

const expected = (objects: readonly SampleObject[]) =>
  objects.map(({ kind, name }) => `${kind}/${name}`).sort()

describe('a release cut off at any request', { timeout: 60_000 }, () => {
  it('ends as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 5 }), release, async (attempts, last) => {
        const cluster = fakeCluster()
        for (const { objects, killAt, effect } of attempts)
          await killedAt(cluster, killAt, effect, () => deployOn(cluster, objects))
        const { digest } = await deployOn(cluster, last)

        expect(cluster.names()).toEqual(expected(last))
        for (const { kind, name, text } of last)
          expect(cluster.objects.get(`${kind} customers-acme/${name}`)).toMatchObject({ data: { text } })
        const revisions = cluster.revisions('acme')
        expect(revisions.filter(({ status }) => status === 'deployed')).toHaveLength(1)
        expect(revisions.some(({ status }) => status.startsWith('pending-'))).toBe(false)
        expect(judgeRelease(releaseState(revisions), digest, 0)).toEqual({ kind: 'settled' })
      }),
      { numRuns: 60 },
    )
  })

  it('can be removed whole, also when the removal is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempt, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(12), { maxLength: 3 }),
        async (attempts, cuts) => {
          const cluster = fakeCluster()
          const uninstall = () =>
            uninstallRelease(
              { client: cluster.client, renderer: fakeRenderer() },
              {
                target: { release: 'acme', namespace: 'customers-acme' },
                revisions: cluster.revisions('acme'),
              },
            )
          for (const { objects, killAt, effect } of attempts)
            await killedAt(cluster, killAt, effect, () => deployOn(cluster, objects))
          for (const cut of cuts) await killedAt(cluster, cut, true, uninstall)
          await uninstall()
          expect([...cluster.objects.keys()]).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})
