import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { describeForeign, type ForeignState } from './foreign.ts'
import { type ForeignContent, type ReleaseState, releaseState, revisionsOf } from './history.ts'
import { abandonedAfterMs, judgeRelease } from './judge.ts'
import { target } from './sample-chart.ts'

const now = Date.parse('2026-11-22T05:00:00Z')
const seconds = (time: number) => String(time / 1000)

/** The metadata of a release Secret. `ours` is the revision our mark names; the CLI copies it onto its own. */
function secret(
  version: number,
  status: string,
  mark?: { ours: number; digest: string },
  at = now,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `sh.helm.release.v1.acme.v${version}`,
      labels: {
        owner: 'helm',
        name: 'acme',
        status,
        version: String(version),
        createdAt: seconds(at),
        ...(mark ? { 'tenantops.io/revision': String(mark.ours), 'tenantops.io/digest': mark.digest } : {}),
      },
    },
  }
}

const ours = (revision: number, status: string, digest = 'want', at = now) =>
  secret(revision, status, { ours: revision, digest }, at)
const copied = (version: number, status: string, from: number, digest = 'want', at = now) =>
  secret(version, status, { ours: from, digest }, at)

const read = (secrets: KubeObject[], content?: ForeignContent): ReleaseState => {
  const state = releaseState(revisionsOf(secrets, 'acme'))
  return state.kind === 'foreign' ? { ...state, content } : state
}

const content = (digest: string, sameObjects = false): ForeignContent => ({
  description: 'Rollback to 1',
  digest,
  sameObjects,
})

describe('releaseState and judgeRelease', () => {
  it.each<[string, KubeObject[], ForeignContent | undefined, string, string]>([
    ['nothing there', [], undefined, 'absent', 'deploy absent'],
    [
      'records of another release only',
      [
        {
          ...ours(1, 'deployed'),
          metadata: { ...ours(1, 'deployed').metadata, labels: { owner: 'helm', name: 'b', version: '1' } },
        },
      ],
      undefined,
      'absent',
      'deploy absent',
    ],
    ['ours, as wanted', [ours(1, 'deployed')], undefined, 'ours', 'settled'],
    [
      'ours, in any order',
      [ours(1, 'superseded', 'old'), ours(10, 'deployed'), ours(9, 'superseded', 'old')],
      undefined,
      'ours',
      'settled',
    ],
    ['ours, of other values', [ours(1, 'deployed', 'old')], undefined, 'ours', 'deploy changed'],
    ['ours, refused', [ours(1, 'failed')], undefined, 'ours', 'deploy failed'],
    ['ours, refused with other values', [ours(1, 'failed', 'old')], undefined, 'ours', 'deploy changed'],
    ['the newest record removed by hand', [ours(1, 'superseded')], undefined, 'ours', 'deploy lost'],
    ['cut off during install', [ours(1, 'pending-install')], undefined, 'pending', 'deploy unfinished'],
    [
      'cut off during upgrade',
      [ours(1, 'deployed', 'old'), ours(2, 'pending-upgrade')],
      undefined,
      'pending',
      'deploy unfinished',
    ],
    [
      'cut off with other values',
      [ours(1, 'pending-upgrade', 'old')],
      undefined,
      'pending',
      'deploy changed',
    ],
    [
      'helm uninstall --keep-history',
      [ours(1, 'uninstalled')],
      undefined,
      'uninstalled',
      'deploy uninstalled',
    ],
    ['helm uninstall at work', [ours(1, 'uninstalling')], undefined, 'uninstalling', 'wait'],
    [
      'helm uninstall cut off',
      [ours(1, 'uninstalling', 'want', now - abandonedAfterMs)],
      undefined,
      'uninstalling',
      'deploy uninstalled',
    ],
    [
      'helm rollback, not read yet',
      [ours(1, 'superseded', 'old'), ours(2, 'superseded'), copied(3, 'deployed', 1, 'old')],
      undefined,
      'foreign',
      'hold',
    ],
    [
      'helm rollback to older values',
      [ours(1, 'superseded', 'old'), ours(2, 'superseded'), copied(3, 'deployed', 1, 'old')],
      content('old'),
      'foreign',
      'hold',
    ],
    [
      'the same, then the spec changed',
      [ours(1, 'superseded', 'old'), ours(2, 'superseded', 'before'), copied(3, 'deployed', 1, 'old')],
      content('old'),
      'foreign',
      'deploy changed',
    ],
    [
      'the same, then the spec changed to what was rolled back to',
      [ours(2, 'superseded', 'before'), copied(3, 'deployed', 1)],
      content('want'),
      'foreign',
      'deploy changed',
    ],
    [
      'rolled back, and forward again',
      [ours(2, 'superseded'), copied(3, 'superseded', 1, 'old'), copied(4, 'deployed', 2)],
      content('want'),
      'foreign',
      'settled',
    ],
    [
      'helm upgrade to the same objects',
      [ours(2, 'superseded'), copied(3, 'deployed', 2)],
      content('other', true),
      'foreign',
      'settled',
    ],
    [
      'helm upgrade with other values',
      [ours(2, 'superseded'), copied(3, 'deployed', 2)],
      content('other'),
      'foreign',
      'hold',
    ],
    ['helm install by somebody', [secret(1, 'deployed')], content('other'), 'foreign', 'deploy changed'],
    [
      'helm upgrade at work',
      [ours(1, 'deployed', 'old'), copied(2, 'pending-upgrade', 1)],
      undefined,
      'foreign',
      'wait',
    ],
    [
      'helm rollback at work',
      [ours(1, 'superseded'), ours(2, 'deployed'), copied(3, 'pending-rollback', 1)],
      undefined,
      'foreign',
      'wait',
    ],
    [
      'helm upgrade killed long ago',
      [ours(1, 'deployed'), copied(2, 'pending-upgrade', 1, 'want', now - abandonedAfterMs)],
      undefined,
      'foreign',
      'deploy abandoned',
    ],
    [
      'helm upgrade failed',
      [ours(1, 'deployed'), copied(2, 'failed', 1)],
      undefined,
      'foreign',
      'deploy abandoned',
    ],
  ])('%s', (_what, secrets, foreign, kind, expected) => {
    const state = read(secrets, foreign)
    const verdict = judgeRelease(state, 'want', now)
    expect(state.kind).toBe(kind)
    expect('why' in verdict ? `deploy ${verdict.why}` : verdict.kind).toBe(expected)
  })

  it('counts the waiting from the last write to the record', () => {
    const old = ours(1, 'uninstalling', 'want', now - 2 * abandonedAfterMs)
    const touched = {
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, modifiedAt: seconds(now) } },
    }
    expect(judgeRelease(read([touched]), 'want', now)).toEqual({
      kind: 'wait',
      revision: 1,
      until: now + abandonedAfterMs,
    })
  })
})

describe('describeForeign', () => {
  const state: ForeignState = {
    kind: 'foreign',
    revision: 3,
    status: 'deployed',
    since: now,
    ourLast: { revision: 2, digest: 'want' },
    content: content('old'),
  }
  it('says what was done and how to go back', () => {
    expect(describeForeign(state, target)).toBe(
      'release acme was rolled back to revision 1 with the Helm CLI, as revision 3; that stands until the tenant changes; ' +
        'to return, run `helm rollback acme 2 -n customers-acme` or edit the tenant',
    )
    expect(describeForeign({ ...state, content: undefined, ourLast: undefined }, target)).toBe(
      'release acme was changed with the Helm CLI, as revision 3; that stands until the tenant changes; to return, edit the tenant',
    )
  })
})
