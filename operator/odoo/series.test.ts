/** The table of series as a table; what the chart makes of it is compared in operator/helm/odoo-tenant-chart.test.ts. */
import { expect, test } from 'vitest'
import { odooConfig } from './config.ts'
import { seriesFacts } from './series.ts'

test.each([
  ['14.0', '/web/login', '/web/static/src/img/favicon.ico', 'longpolling_port', '/longpolling'],
  ['15.0', '/web/health', '/web/health', 'longpolling_port', '/longpolling'],
  ['16.0', '/web/health', '/web/health', 'gevent_port', '/websocket'],
  ['17.0', '/web/health', '/web/health', 'gevent_port', '/websocket'],
  ['18.0', '/web/health', '/web/health', 'gevent_port', '/websocket'],
  ['19.0', '/web/health', '/web/health', 'gevent_port', '/websocket'],
] as const)(
  '%s: probes and live connections',
  (series, startupPath, probePath, geventPortOption, livePath) => {
    expect(seriesFacts(series)).toMatchObject({ series, startupPath, probePath, geventPortOption, livePath })
    const conf = odooConfig({
      series,
      dbHost: 'postgres',
      dbPort: 5432,
      dbUser: 'u',
      dbPassword: 'p',
      dbName: 'd',
      dbSslMode: 'require',
      dbMaxConn: 8,
      adminPasswd: 'a',
      workers: 2,
      maxCronThreads: 0,
    })
    expect(conf.match(/^(longpolling|gevent)_port = 8072$/gm)).toEqual([`${geventPortOption} = 8072`])
  },
)

test.each([
  ['14.0', false, '--without-demo=all', '', 'pickle', 'loaded-registries', 'sequence'],
  ['15.0', false, '--without-demo=all', '', 'pickle', 'loaded-registries', 'sequence'],
  ['16.0', true, '--without-demo=all', '', 'pickle', 'loaded-registries', 'sequence'],
  ['17.0', true, '--without-demo=all', '', 'restricted-pickle', 'loaded-registries', 'sequence-per-cache'],
  ['18.0', true, '--without-demo=all', '', 'json', 'loaded-registries', 'sequence-per-cache'],
  ['19.0', true, '', '--with-demo', 'json', 'databases', 'table-per-cache'],
] as const)(
  '%s: copies, demonstration data, sessions, cron, caches',
  (series, neutralize, withoutDemo, withDemo, sessions, threadedCron, cacheSignal) => {
    const facts = seriesFacts(series)
    expect(facts).toMatchObject({ neutralize, unaccentIndexes: neutralize, sessions, threadedCron })
    expect(facts.cacheSignal).toBe(cacheSignal)
    expect([facts.withoutDemo.join(), facts.withDemo.join()]).toEqual([withoutDemo, withDemo])
    expect(facts.environmentOverFile).toBe(series === '19.0')
    expect(facts.signUp).toEqual({
      parameter: 'auth_signup.invitation_scope',
      onInvitation: 'b2b',
      free: 'b2c',
    })
  },
)
