/**
 * Every story of a tenant's life with the operator killed at every step: before it, in the middle of it and after it.
 * The end is that of a run that nobody disturbed. Not drawn but counted out, so that no step of any story is missed;
 * `everyStep` does not compile without a new step, and the last test fails until a story has it.
 */
import { describe, expect, it } from 'vitest'
import type { Step } from '../../operator/tenant/step.ts'
import { NOW } from '../fixtures/tenant-objects.ts'
import { outcome } from '../fixtures/tenant-outcome.ts'
import { elapse, type Kill, reconcile, untilQuiet } from '../fixtures/tenant-rounds.ts'
import { stories } from '../fixtures/tenant-stories.ts'
import type { TenantWorld } from '../fixtures/tenant-world.ts'

const everyStep = {
  'add-finalizer': true,
  'remove-finalizer': true,
  'create-namespace': true,
  'apply-namespace': true,
  'label-retained': true,
  'adopt-namespace': true,
  'delete-namespace': true,
  'create-admin-secret': true,
  'rotate-admin-secret': true,
  'set-admin-url': true,
  'create-database-secret': true,
  'ensure-roles': true,
  'clone-database': true,
  'hand-over': true,
  'set-login-password': true,
  'set-admin-password': true,
  'apply-settings': true,
  'apply-brand': true,
  'write-config': true,
  'copy-certificate': true,
  'deploy-release': true,
  'repair-release': true,
  'uninstall-release': true,
  'delete-deployments': true,
  'point-to-front': true,
  'point-away-from-front': true,
  'begin-change': true,
  'start-change-job': true,
  'settle-change': true,
  'undo-change': true,
  'forget-failure': true,
  'drop-copies': true,
  'remove-change-job': true,
  'deny-egress': true,
  'start-exchange-job': true,
  'exchange-database': true,
  'abandon-exchange': true,
  'clear-former': true,
  'drop-former': true,
  'remove-clear-job': true,
  'create-final-backup': true,
  'start-shred-job': true,
  'remove-backups': true,
  'remove-shred-job': true,
  'retain-database': true,
  'unseal-database': true,
  'drop-database': true,
} satisfies Record<Step['kind'], true>

/** A look of the operator in a story, and the steps it came to. */
interface Look {
  readonly before: TenantWorld
  readonly number: number
  readonly steps: readonly Step[]
}

/** Between two looks passes as much as untilQuiet lets pass. */
const later = (number: number) => NOW + number * 11 * 60_000

/** All looks of an undisturbed run that had something to do. */
function looksOf(start: TenantWorld): readonly Look[] {
  const looks: Look[] = []
  untilQuiet(start, ({ plan }, before) => {
    looks.push({ before, number: looks.length, steps: plan.steps })
  })
  return looks.filter(({ steps }) => steps.length > 0)
}

/** Before its first step, in the middle of each, and after each; the status is written by none of them. */
const killsOf = ({ steps }: Look): readonly Kill[] => [
  { after: 0, begun: false },
  ...steps.flatMap((_, index) => [
    { after: index, begun: true },
    { after: index + 1, begun: false },
  ]),
]

/** The end of a story that was cut off here: the successor looks at once, or when time has passed. */
function survive({ before, number }: Look, kill: Kill, rested: boolean): TenantWorld {
  const { world } = reconcile(before, later(number), kill)
  return world.gone ? world : untilQuiet(rested ? elapse(world) : world)
}

const covered = new Set<string>()

describe.each(Object.entries(stories))('%s', (_, start) => {
  const looks = looksOf(start)
  const calm = outcome(untilQuiet(start))
  it('ends the same wherever the operator is killed', () => {
    for (const look of looks)
      for (const kill of killsOf(look))
        for (const rested of [false, true]) {
          const where = look.steps.map(({ kind }) => kind)
          expect({ where, kill, rested, end: outcome(survive(look, kill, rested)) }).toEqual({
            where,
            kill,
            rested,
            end: calm,
          })
        }
    for (const { steps } of looks) for (const { kind } of steps) covered.add(kind)
    expect(looks.length, 'a story without a step proves nothing').toBeGreaterThan(0)
  })
})

it('no step is missing in the stories', () => {
  expect([...covered].sort()).toEqual(Object.keys(everyStep).sort())
})
