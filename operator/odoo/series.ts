/** Odoo 14–19 in one table: everything that differs by series and matters to an operator. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'

export interface SeriesFacts {
  readonly series: OdooSeries
  /** Path that answers 200 when the web server and its database are well. 14 has no health route. */
  readonly readyPath: string
  /** Path that answers 200 without a database query where the series has one. */
  readonly livePath: string
  /** Option in odoo.conf for the port of the gevent process (exists only with workers > 0). */
  readonly geventPortOption: 'longpolling_port' | 'gevent_port'
  readonly websocketPath: '/longpolling' | '/websocket'
  /** Arguments that install without demonstration data, and with it. */
  readonly withoutDemo: readonly string[]
  readonly withDemo: readonly string[]
  /** `odoo neutralize` exists. */
  readonly neutralize: boolean
  /** Indexes over unaccent() are used when the function is marked IMMUTABLE. */
  readonly unaccentIndexes: boolean
}

const without = ['--without-demo=all'] as const

const facts: Readonly<Record<OdooSeries, SeriesFacts>> = {
  '14.0': {
    series: '14.0',
    readyPath: '/web/login',
    livePath: '/web/login',
    geventPortOption: 'longpolling_port',
    websocketPath: '/longpolling',
    withoutDemo: without,
    withDemo: [],
    neutralize: false,
    unaccentIndexes: false,
  },
  '15.0': {
    series: '15.0',
    readyPath: '/web/login',
    livePath: '/web/health',
    geventPortOption: 'longpolling_port',
    websocketPath: '/longpolling',
    withoutDemo: without,
    withDemo: [],
    neutralize: false,
    unaccentIndexes: false,
  },
  '16.0': {
    series: '16.0',
    readyPath: '/web/login',
    livePath: '/web/health',
    geventPortOption: 'gevent_port',
    websocketPath: '/websocket',
    withoutDemo: without,
    withDemo: [],
    neutralize: true,
    unaccentIndexes: true,
  },
  '17.0': {
    series: '17.0',
    readyPath: '/web/login',
    livePath: '/web/health',
    geventPortOption: 'gevent_port',
    websocketPath: '/websocket',
    withoutDemo: without,
    withDemo: [],
    neutralize: true,
    unaccentIndexes: true,
  },
  '18.0': {
    series: '18.0',
    readyPath: '/web/login',
    livePath: '/web/health',
    geventPortOption: 'gevent_port',
    websocketPath: '/websocket',
    withoutDemo: without,
    withDemo: [],
    neutralize: true,
    unaccentIndexes: true,
  },
  '19.0': {
    series: '19.0',
    readyPath: '/web/login',
    livePath: '/web/health',
    geventPortOption: 'gevent_port',
    websocketPath: '/websocket',
    withoutDemo: [],
    withDemo: ['--with-demo'],
    neutralize: true,
    unaccentIndexes: true,
  },
}

export function seriesFacts(series: OdooSeries): SeriesFacts {
  return facts[series]
}
