/**
 * The laws of docs/design over the tenant's plan, in a model world (test/fixtures). Worlds are of two sorts: any
 * mixture of states, and a serving tenant to which things happened. Steps of a plan are run one by one; a driver's
 * refusal ends the pass, as in reconcile.ts.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../operator/helm/digest.ts'
import { tenantHosts, tenantUrl } from '../../operator/tenant/address.ts'
import { FINALIZER, planTenant } from '../../operator/tenant/plan.ts'
import { settingsOf } from '../../operator/tenant/settings.ts'
import type { Step } from '../../operator/tenant/step.ts'
import { deleted, disturbedWorld, happen } from '../fixtures/tenant-accidents.ts'
import { anyWorld } from '../fixtures/tenant-arbitrary.ts'
import { backedUp, type FinalBackupWorld } from '../fixtures/tenant-final-backup.ts'
import { NOW } from '../fixtures/tenant-objects.ts'
import { outcome } from '../fixtures/tenant-outcome.ts'
import {
  elapse,
  type Kill,
  type Round,
  reconcile,
  servingWorld,
  untilQuiet,
} from '../fixtures/tenant-rounds.ts'
import { shredding } from '../fixtures/tenant-shred.ts'
import { observe, type TenantWorld } from '../fixtures/tenant-world.ts'

const world = fc.oneof(anyWorld, disturbedWorld)
const policy = fc.constantFrom('Retain' as const, 'Delete' as const)
const leaving = fc.tuple(world, policy).map(([w, p]) => deleted(w, p))
const runs = { numRuns: 50 }

const finalBackup: fc.Arbitrary<Partial<FinalBackupWorld>> = fc.record({
  fate: fc.constantFrom('good' as const, 'good' as const, 'failed' as const),
  ownerEnds: fc.constantFrom(false, false, false, true),
})
/** To be destroyed, and backed up until then. */
const offboarded = fc
  .tuple(world, finalBackup, fc.nat(4))
  .map(([w, final, rounds]) => deleted(backedUp(after(w, rounds), final), 'Delete'))
/** In the middle of whatever it was to become: a change by a Job, a restore. */
const after = (w: TenantWorld, rounds: number): TenantWorld =>
  Array.from({ length: rounds }).reduce<TenantWorld>((each) => elapse(reconcile(each, NOW).world), w)
const skipping = (w: TenantWorld): TenantWorld => {
  const { metadata } = w.tenant
  const annotations = { ...metadata.annotations, 'tenantops.io/skip-final-backup': 'true' }
  return { ...w, tenant: { ...w.tenant, metadata: { ...metadata, annotations } } }
}
/** A database of the tenant's own is there, or was. */
const hasData = ({ facts, tenant }: TenantWorld): boolean =>
  facts.database.kind === 'ready' ||
  facts.database.kind === 'retained' ||
  tenant.status?.database !== undefined

const destroying: ReadonlySet<Step['kind']> = new Set(['drop-database', 'delete-namespace'])
const ending: ReadonlySet<Step['kind']> = new Set([
  ...destroying,
  'retain-database',
  'uninstall-release',
  'label-retained',
  'remove-finalizer',
])
const kindsOf = (round: Round) => round.plan.steps.map((step) => step.kind)

/** Only for a change or a restore may pods stop that nobody suspends. */
const wantsMore = ({ spec }: TenantWorld['tenant']): boolean =>
  spec.modules !== undefined || spec.languages !== undefined

/** PostgreSQL was not asked, or could not yet be asked which modules are there. */
const unknowing = (w: TenantWorld): boolean => {
  const { postgres, change } = observe(w)
  return postgres.kind === 'unread' || (wantsMore(w.tenant) && change.held.kind === 'unread')
}

/** What no plan may hold, whatever happened before. Plain comparisons: this runs some ten thousand times. */
function lawful({ plan }: Round, before: TenantWorld): void {
  const { tenant, pods, restores } = before
  const proved =
    tenant.spec.backupPolicy === undefined ||
    before.finalBackup.point === 'complete' ||
    tenant.metadata.annotations?.['tenantops.io/skip-final-backup'] === 'true' ||
    before.facts.database.kind === 'foreign' ||
    !hasData(before)
  const mayStop = wantsMore(tenant) || restores.pending
  const { deletionTimestamp } = tenant.metadata
  const erase = deletionTimestamp !== undefined && tenant.spec.deletionPolicy === 'Delete'
  for (const step of plan.steps) {
    const broken =
      (destroying.has(step.kind) && (!erase || pods > 0 || !proved)) ||
      (ending.has(step.kind) && deletionTimestamp === undefined) ||
      (step.kind === 'deploy-release' &&
        ((plan.refusal !== undefined && !plan.refusal.serving) ||
          (tenant.spec.suspended === true && !step.values.suspended) ||
          (step.values.suspended && !tenant.spec.suspended && !mayStop)))
    if (broken) expect.fail(`a plan may not hold ${JSON.stringify(step)} for ${JSON.stringify(tenant)}`)
  }
}

/** Passwords that are in use are those in the Secrets, and everything says so; so are address and settings. */
function agree(w: TenantWorld): void {
  expect(w.admin?.digest).toBe(w.class && digestOf(tenantUrl(w.class, tenantHosts(w.tenant, w.class))))
  expect(w.facts.loginSecret).toBe(w.database?.serial ?? w.database?.uid)
  expect(w.loginPassword).toBe(w.database?.password)
  expect(w.config?.password).toBe(w.database?.password)
  expect(w.adminPassword).toBe(w.admin?.password)
  expect(w.settings).toEqual(settingsOf(observe(w)))
  const { rotation } = w.tenant.spec.admin ?? {}
  if (rotation !== undefined) expect(w.admin?.rotation).toBe(rotation)
}

/** Visitors are led to the front desk while the tenant is suspended and on its former hosts, and nowhere else. */
function met({ tenant, slices }: TenantWorld): void {
  const suspended = tenant.spec.suspended === true
  const former = (tenant.spec.redirectHosts ?? []).length > 0
  const led = [...(former ? ['odoo-front'] : []), ...(suspended ? ['odoo-to-front'] : [])]
  expect(Object.keys(slices).sort()).toEqual(led)
}

const readyOf = (w: TenantWorld) => w.tenant.status?.conditions?.find((c) => c.type === 'Ready')
/** Something amiss that only PostgreSQL can tell, and that observe.ts does not ask for as long as nothing hints at it. */
const unseen = (w: TenantWorld) => {
  const { loginRole } = w.facts
  return observe(w).postgres.kind === 'unread' && loginRole !== 'login'
}
/** PostgreSQL was asked at least once on the way: a Ready tenant at rest does not ask (law 4). */
const asked = (on: { read: boolean }) => (round: Round, before: TenantWorld) => {
  if (observe(before).postgres.kind === 'read') on.read = true
  lawful(round, before)
}

/** What time alone does not take away. */
const obstacles = [
  'DatabaseMissing',
  'DatabaseForeign',
  'DatabaseFenced',
  'LoginFailing',
  'PodsStarting',
  'NamespaceTaken',
  'HostTaken',
  'FilestoreMissing',
  'FilestoreTerminating',
]

describe('law 1: planning', () => {
  it('gives the same plan for the same observation', () => {
    fc.assert(
      fc.property(fc.oneof(world, leaving), fc.nat(1e9), (w, later) => {
        const observation = observe(w)
        const before = structuredClone(observation)
        expect(planTenant(observation, NOW + later)).toEqual(planTenant(observe(w), NOW + later))
        expect(observation).toEqual(before)
      }),
      runs,
    )
  })

  it('leaves nothing to do once every step of a plan that knew PostgreSQL has succeeded', () => {
    fc.assert(
      fc.property(world, (w) => {
        // A tenant that looks well is planned without asking; when that changes, the next plan knows.
        let pass = { before: w, ...reconcile(w, NOW) }
        for (let n = 0; n < 3 && unknowing(pass.before); n += 1)
          pass = { before: pass.world, ...reconcile(pass.world, NOW) }
        fc.pre(!pass.failure)
        expect(kindsOf(reconcile(pass.world, NOW))).toEqual([])
      }),
      runs,
    )
  })

  it('brings any tenant to rest, serving or saying why not', () => {
    fc.assert(
      fc.property(world, (w) => {
        const postgres = { read: false }
        const end = untilQuiet(w, asked(postgres))
        expect(reconcile(end, NOW + 1e12).plan.steps).toEqual([])
        const ready = readyOf(end)
        const well = ready?.status === 'True' || ready?.reason === 'Suspended'
        if (!well) {
          expect(obstacles).toContain(ready?.reason)
          return
        }
        met(end)
        if (postgres.read) agree(end)
      }),
      runs,
    )
  })
})

describe('law 2: nothing is destroyed', () => {
  it('unless the tenant is deleted and its deletionPolicy says Delete', () => {
    fc.assert(
      fc.property(fc.oneof(world, leaving), (w) => void untilQuiet(w, lawful)),
      runs,
    )
  })
})

describe('law 3: rest without loss', () => {
  it('a suspended tenant comes to have no pods, and keeps database, namespace and Secrets', () => {
    fc.assert(
      fc.property(world, (w) => {
        const { tenant } = w
        const suspended = {
          ...w,
          tenant: {
            ...tenant,
            spec: { ...tenant.spec, suspended: true },
            metadata: { ...tenant.metadata, generation: 9 },
          },
        }
        const end = untilQuiet(suspended, lawful)
        if (w.facts.database.kind === 'ready') expect(end.facts.database.kind).toBe('ready')
        if (w.tenant.status?.database && w.facts.database.kind === 'absent')
          expect(end.facts.database.kind).toBe('absent')
        if (w.namespace.kind === 'ours') expect(end.namespace.kind).toBe('ours')
        if (readyOf(end)?.reason === 'Suspended') expect(end.pods).toBe(0)
      }),
      runs,
    )
  })

  it('a tenant deleted with Retain goes, and keeps its database sealed and its namespace labelled', () => {
    fc.assert(
      fc.property(world, (w) => {
        const end = untilQuiet(deleted(w, 'Retain'), lawful)
        expect(end.gone).toBe(w.tenant.metadata.finalizers?.includes(FINALIZER) ?? false)
        if (!end.gone) return
        expect(end.pods).toBe(0)
        expect(end.facts.loginRole).not.toBe('login')
        if (w.facts.database.kind === 'ready') {
          expect(end.facts.database).toEqual({
            kind: 'retained',
            mark: { ...w.facts.database.mark, state: 'retained' },
          })
        }
        if (w.namespace.kind === 'ours') {
          expect(end.namespace).toMatchObject({ kind: 'ours', retained: true })
          expect(end.database).toEqual(w.database)
        }
      }),
      runs,
    )
  })

  it("a tenant deleted with Delete goes without a trace, except for a database that is somebody else's", () => {
    fc.assert(
      fc.property(world, (w) => {
        const end = untilQuiet(deleted(w, 'Delete'), lawful)
        if (!w.tenant.metadata.finalizers?.includes(FINALIZER)) return
        if (w.facts.database.kind === 'foreign') {
          expect(end).toMatchObject({ gone: false, facts: { database: w.facts.database } })
          return
        }
        expect(end).toMatchObject({
          gone: true,
          pods: 0,
          facts: { database: { kind: 'absent' }, ownerRole: 'absent', loginRole: 'absent' },
        })
        expect(['absent', 'foreign']).toContain(end.namespace.kind)
      }),
      runs,
    )
  })
})

describe('law 2: a tenant that is backed up is destroyed', () => {
  const finalised = ({ tenant }: TenantWorld) => tenant.metadata.finalizers?.includes(FINALIZER) ?? false
  /** A change that a Job had begun may be settled, one way or the other. */
  const settled = ({ facts: { database } }: TenantWorld) => {
    if (database.kind !== 'ready') return database
    const { change: _settled, ...mark } = database.mark
    return { ...database, mark }
  }

  it('only when its final point is complete; else it is kept and says why, or is sealed', () => {
    fc.assert(
      fc.property(offboarded, (w) => {
        const end = untilQuiet(w, lawful)
        if (!finalised(w) || w.facts.database.kind === 'foreign') return
        const { point, ownerEnds } = end.finalBackup
        if (!end.gone) {
          expect(readyOf(end)?.reason).toBe('FinalBackupFailed')
          expect(settled(end)).toEqual(settled(w))
          expect(end.namespace.kind).toBe('ours')
        } else if (point === 'complete') {
          expect(ownerEnds).toBe(false)
          expect(end.facts.database.kind).toBe('absent')
        } else if (w.facts.database.kind === 'ready') {
          expect(end.facts.database.kind).toBe('retained')
        }
      }),
      runs,
    )
  })

  it('with its points only where nothing of its data is kept instead, and then with all of them', () => {
    const fate = fc.constantFrom('good' as const, 'failed' as const)
    fc.assert(
      fc.property(offboarded, fate, fc.boolean(), (w, ending, skipped) => {
        const leaves = shredding(w, { fate: ending })
        const end = untilQuiet(skipped ? skipping(leaves) : leaves, lawful)
        const { repository, points, job } = end.shred
        if (repository === 'gone') {
          expect(end).toMatchObject({ gone: true, facts: { database: { kind: 'absent' } } })
          expect([points, job]).toEqual([[], 'absent'])
        } else {
          expect(points).toEqual(w.shred.points)
          if (!finalised(w) || !end.gone) return
          // Kept, or without the final point that was asked for.
          expect(skipped && end.facts.database.kind === 'absent' && end.namespace.kind !== 'ours').toBe(false)
        }
      }),
      runs,
    )
  })

  it('without one by the annotation, also after one has failed', () => {
    fc.assert(
      fc.property(offboarded, fc.boolean(), (w, late) => {
        fc.pre(!w.finalBackup.ownerEnds && w.namespace.kind === 'ours' && w.facts.database.kind !== 'foreign')
        const end = untilQuiet(skipping(late ? untilQuiet(w, lawful) : w), lawful)
        if (!finalised(w)) return
        expect(end).toMatchObject({ gone: true, facts: { database: { kind: 'absent' } } })
      }),
      runs,
    )
  })

  it.each([1, 2, 3, 4, 5])('also %i rounds into a change by a Job that ends badly', (rounds) => {
    const changing = after(happen(servingWorld(), 'module wanted', 'Odoo refuses to install'), rounds)
    const end = untilQuiet(deleted(backedUp(changing), 'Delete'), lawful)
    expect(end).toMatchObject({ gone: true, finalBackup: { point: 'complete' } })
  })

  it('once the failed TenantBackup is deleted and its cause is gone', () => {
    const failed = untilQuiet(deleted(backedUp(servingWorld(), { fate: 'failed' }), 'Delete'), lawful)
    expect(failed).toMatchObject({ gone: false, finalBackup: { point: 'failed' } })
    const again = {
      ...failed,
      finalBackup: { ...failed.finalBackup, point: 'absent', fate: 'good' },
    } as const
    expect(untilQuiet(again, lawful)).toMatchObject({ gone: true, finalBackup: { point: 'complete' } })
  })
})

describe('law 5: a restart changes no outcome', () => {
  const kills = fc.array(fc.record<Kill>({ after: fc.nat(9), begun: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  })

  /** Killed once per round, at the given steps, with or without time between. */
  const survive = (start: TenantWorld, cuts: readonly Kill[]): TenantWorld => {
    let w = start
    for (const cut of cuts) {
      const round = reconcile(w, NOW, cut)
      lawful(round, w)
      if (round.world.gone) return round.world
      w = round.world
    }
    return untilQuiet(w, lawful)
  }

  it.each(['alive', 'Retain', 'Delete'] as const)('for a tenant that is to be: %s', (fate) => {
    fc.assert(
      fc.property(world, kills, (w, cuts) => {
        fc.pre(fate !== 'alive' || !unseen(w))
        const start = fate === 'alive' ? w : deleted(w, fate)
        const calm = untilQuiet(start)
        const shaken = survive(start, cuts)
        expect(outcome(shaken)).toEqual(outcome(calm))
        expect(shaken.made).toBeLessThanOrEqual(calm.made)
      }),
      runs,
    )
  })

  it('for a tenant that is backed up until it is destroyed', () => {
    fc.assert(
      fc.property(offboarded, kills, (w, cuts) => {
        expect(outcome(survive(w, cuts))).toEqual(outcome(untilQuiet(w)))
      }),
      runs,
    )
  })

  it('has the password that its admin Secret holds, though killed between making and setting it', () => {
    const lost = happen(servingWorld(), 'admin Secret deleted')
    const end = survive(lost, [{ after: 1, begun: false }])
    expect(end.admin?.serial).toBe('2')
    expect(readyOf(end)?.status).toBe('True')
    expect(end.adminPassword).toBe(end.admin?.password)
  })

  it.each([1, 2])(
    'has one new password after a rotation, though killed after step %i of it, and none after that',
    (after) => {
      const before = servingWorld()
      const asked = happen(before, 'new password asked for')
      expect(kindsOf(reconcile(asked, NOW))).toEqual(['rotate-admin-secret', 'set-admin-password'])
      const end = survive(asked, [{ after, begun: false }])
      expect(end.admin).toMatchObject({ serial: '2', rotation: '2026-11-22' })
      expect(end.adminPassword).toBe(end.admin?.password)
      expect(end.adminPassword).not.toBe(before.adminPassword)
      expect(end.made).toBe(before.made + 1)
    },
  )
})
