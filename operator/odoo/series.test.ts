import { expect, test } from 'vitest'
import { seriesFacts } from './series.ts'

test.each([
  ['14.0', '/web/login', 'longpolling_port', '/longpolling', false],
  ['15.0', '/web/health', 'longpolling_port', '/longpolling', false],
  ['16.0', '/web/health', 'gevent_port', '/websocket', true],
  ['17.0', '/web/health', 'gevent_port', '/websocket', true],
  ['18.0', '/web/health', 'gevent_port', '/websocket', true],
  ['19.0', '/web/health', 'gevent_port', '/websocket', true],
] as const)('%s', (series, livePath, geventPortOption, websocketPath, neutralize) => {
  expect(seriesFacts(series)).toMatchObject({ livePath, geventPortOption, websocketPath, neutralize })
})
