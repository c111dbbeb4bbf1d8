/**
 * Whom a place that was left lets begin: those of the TenantBackups in line for whom no limit is reached, each taking its
 * place in turn. Guarantees: whoever is woken finds a place, and once they have theirs nobody else would find one. What a
 * person waits for comes before what the clock has made, and then who came first. From the caches alone.
 */
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { keyOfObject } from '../kube/object.ts'
import { holdersOf, PlaceCount, tenantOf } from './observe/places.ts'
import type { BackupWorld } from './observe.ts'
import { fullPlace } from './plan/start.ts'

export type PlaceWorld = Pick<BackupWorld, 'caches' | 'limits' | 'now'>

/** Keys, in their order. */
export function nextInLine({ caches, limits, now }: PlaceWorld): readonly string[] {
  const holders = holdersOf(caches, now())
  const count = new PlaceCount(caches, holders)
  const has = new Set(holders.map(({ backup }) => backup))
  const open = caches.tenantBackups.by('state', 'open').filter(({ metadata }) => !has.has(metadata.uid))
  const keys: string[] = []
  const line = holders.length < limits.fleet ? open.filter(isInLine).sort(earlier) : []
  for (const each of line) {
    if (holders.length + keys.length >= limits.fleet) break
    const tenant = tenantOf(caches, each)
    const policy = caches.backupPolicies.get(tenant?.spec.backupPolicy ?? '')
    const server = caches.classes.get(tenant?.spec.class ?? '')
    if (!tenant || fullPlace({ policy, class: server, places: count.of(tenant), limits })) continue
    count.take({ backup: each.metadata.uid, tenant })
    keys.push(keyOfObject(each))
  }
  // Nobody has looked at these, or the answer is still to be told: they may be in line, and take nobody's place.
  return [...keys, ...open.filter(isUntold).map(keyOfObject)]
}

const reasonOf = ({ status }: Pick<TenantBackup, 'status'>): string | undefined =>
  findCondition(status?.conditions, 'Succeeded')?.reason

/** It waits for nothing but a place. */
export function isInLine(backup: Pick<TenantBackup, 'status'>): boolean {
  return reasonOf(backup) === 'PlaceAwaited'
}

const isUntold = (backup: TenantBackup): boolean => reasonOf(backup) === undefined

function earlier(a: TenantBackup, b: TenantBackup): number {
  const rank = ({ spec }: TenantBackup) => (spec.trigger === 'Schedule' ? 1 : 0)
  const age = ({ metadata }: TenantBackup) => metadata.creationTimestamp
  return rank(a) - rank(b) || (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0)
}
