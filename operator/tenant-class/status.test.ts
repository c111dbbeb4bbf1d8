/** A class in the words of its conditions: fit, unfit or silent, with orphans or without. */
import { describe, expect, it } from 'vitest'
import { aClass } from '../../test/fixtures/tenant-objects.ts'
import { findCondition } from '../api/condition.ts'
import type { ClassObservation, ServerState } from './observe.ts'
import { noOrphans, type Orphans } from './orphans.ts'
import { classStatus } from './status.ts'

const NOW = Date.parse('2030-06-01T00:00:00Z')
const fit: ServerState = { kind: 'fit', version: '17.2', warnings: [] }
const lost: Orphans = {
  namespaces: [
    {
      name: 'acme-shop1',
      tenant: 'acme/shop1',
      uid: 'u',
      accounted: false,
      database: undefined,
      className: 'standard',
    },
  ],
  databases: [],
}
const seen = (change: Partial<ClassObservation> = {}) =>
  classStatus({ class: aClass(), server: fit, orphans: noOrphans, ...change }, NOW)

describe('classStatus', () => {
  it.each<[string, ServerState, string, string, string]>([
    ['fit', fit, 'True', 'ServerReady', 'PostgreSQL 17.2 is ready for tenants'],
    [
      'fit, with a warning',
      { ...fit, warnings: ['upgrade to 17.6'] },
      'True',
      'ServerReady',
      'upgrade to 17.6',
    ],
    ['unfit', { kind: 'unfit', problem: 'no right' }, 'False', 'DatabaseServerUnfit', 'no right'],
    ['silent', { kind: 'unavailable', problem: 'no answer' }, 'False', 'DatabaseUnavailable', 'no answer'],
  ])('says whether its server is %s', (_how, server, status, reason, message) => {
    const { conditions } = seen({ server })
    expect(findCondition(conditions, 'Ready')).toMatchObject({ status, reason, message })
  })

  it('says which ports it leaves open, and what would close them', () => {
    const open = aClass({ postgres: { host: 'db', adminSecret: 's', sslMode: 'require' }, ingress: {} })
    expect(findCondition(seen({ class: open }).conditions, 'Isolated')).toMatchObject({
      status: 'False',
      reason: 'PortsOpen',
      message:
        'pods of every namespace reach the web ports of its tenants; name the namespace of the ingress controller in spec.ingress.controllerNamespace; its tenants reach every address at port 5432; say where PostgreSQL is in spec.postgres.namespace or spec.postgres.cidr',
    })
    const narrow = aClass({
      postgres: { host: 'db', adminSecret: 's', sslMode: 'require', namespace: 'databases' },
      ingress: { controllerNamespace: 'contour' },
    })
    expect(findCondition(seen({ class: narrow }).conditions, 'Isolated')).toMatchObject({
      status: 'True',
      reason: 'PortsNarrow',
    })
  })

  it('speaks of orphans only while there are any, and as last told while the server is silent', () => {
    const told = aClass()
    const found = { ...told, status: seen({ orphans: lost }) }
    expect(findCondition(found.status.conditions, 'OrphansFound')?.status).toBe('True')
    const silent = seen({
      class: found,
      server: { kind: 'unavailable', problem: 'no answer' },
      orphans: undefined,
    })
    expect(findCondition(silent.conditions, 'OrphansFound')).toEqual(
      findCondition(found.status.conditions, 'OrphansFound'),
    )
    expect(findCondition(seen({ class: found }).conditions, 'OrphansFound')).toBeUndefined()
  })

  it('is the same when nothing has changed, whenever it is looked at', () => {
    const first = seen({ orphans: lost })
    const again = classStatus(
      { class: { ...aClass(), status: first }, server: fit, orphans: lost },
      NOW + 60_000,
    )
    expect(again).toEqual(first)
  })
})
