/**
 * Odoo 14–19 in one table: everything that differs by series and matters to an operator. The chart says some of it once
 * more in its templates; a test renders it for every series and compares.
 */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'

export interface SeriesFacts {
  readonly series: OdooSeries
  /** Path whose first 200 says that the registry is loaded and the database answers. 14 has no health route. */
  readonly startupPath: string
  /** Path that a probe may ask often: no database query, and no session written to the filestore. */
  readonly probePath: string
  /** Option in odoo.conf for the port of the gevent process (exists only with workers > 0). */
  readonly geventPortOption: 'longpolling_port' | 'gevent_port'
  /** Path that must be led to that port. */
  readonly livePath: '/longpolling' | '/websocket'
  /** Arguments that install without demonstration data, and with it: opt-out up to 18, opt-in since 19. */
  readonly withoutDemo: readonly string[]
  readonly withDemo: readonly string[]
  /** `odoo neutralize` exists. Before 16 a copy's crons and mail servers are switched off by SQL of our own. */
  readonly neutralize: boolean
  /** Indexes over unaccent() are used when the function is marked IMMUTABLE. */
  readonly unaccentIndexes: boolean
  /** PG* of the environment beats db_* of odoo.conf: then PGDATABASE must not be set in a tenant's pods. */
  readonly environmentOverFile: boolean
  /** How session files are written: who can write a pickle into that folder runs code in the pod that reads it. */
  readonly sessions: 'pickle' | 'restricted-pickle' | 'json'
  /** Threaded cron (`--workers 0`) serves loaded registries alone; cron workers (`--workers 1 --no-http`) list databases. */
  readonly threadedCron: 'loaded-registries' | 'databases'
  /** How processes hear that caches are stale; cache-signal.ts writes it. */
  readonly cacheSignal: 'sequence' | 'sequence-per-cache' | 'table-per-cache'
  /** System parameter that decides who may sign up; module auth_signup installs it as `free`, in every series. */
  readonly signUp: { readonly parameter: string; readonly onInvitation: string; readonly free: string }
}

const signUp = { parameter: 'auth_signup.invitation_scope', onInvitation: 'b2b', free: 'b2c' } as const
const optOut = { withoutDemo: ['--without-demo=all'], withDemo: [] } as const
const optIn = { withoutDemo: [], withDemo: ['--with-demo'] } as const

const healthRoute = { startupPath: '/web/health', probePath: '/web/health' } as const
const longpolling = { geventPortOption: 'longpolling_port', livePath: '/longpolling' } as const
const websocket = { geventPortOption: 'gevent_port', livePath: '/websocket' } as const

/** 14 and 15. */
const former = {
  ...longpolling,
  ...optOut,
  neutralize: false,
  unaccentIndexes: false,
  environmentOverFile: false,
  sessions: 'pickle',
  threadedCron: 'loaded-registries',
  cacheSignal: 'sequence',
  signUp,
} as const

/** Since 16. */
const later = { ...former, ...healthRoute, ...websocket, neutralize: true, unaccentIndexes: true } as const

const facts: Readonly<Record<OdooSeries, SeriesFacts>> = {
  '14.0': {
    ...former,
    series: '14.0',
    startupPath: '/web/login',
    probePath: '/web/static/src/img/favicon.ico',
  },
  '15.0': { ...former, ...healthRoute, series: '15.0' },
  '16.0': { ...later, series: '16.0' },
  '17.0': { ...later, series: '17.0', sessions: 'restricted-pickle', cacheSignal: 'sequence-per-cache' },
  '18.0': { ...later, series: '18.0', sessions: 'json', cacheSignal: 'sequence-per-cache' },
  '19.0': {
    ...later,
    ...optIn,
    series: '19.0',
    environmentOverFile: true,
    sessions: 'json',
    threadedCron: 'databases',
    cacheSignal: 'table-per-cache',
  },
}

export function seriesFacts(series: OdooSeries): SeriesFacts {
  return facts[series]
}
