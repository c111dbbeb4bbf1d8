import { expect, test } from 'vitest'
import { createLog, redact } from './log.ts'

test('a line is JSON with level, time and message, and carries the fields of its parent', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } })
  log.child({ tenant: 'acme/main' }).info({ reasons: ['DatabaseCreated'] }, 'reconciled')
  log.debug({}, 'not at this level')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    tenant: 'acme/main',
    reasons: ['DatabaseCreated'],
    msg: 'reconciled',
  })
})

test('secrets are cut out by field name, at any depth, in parents, errors and addresses', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } })
  const cause = Object.assign(new Error('connect postgres://admin:hunter2@db:5432/x failed'), {
    password: 'hunter2',
  })
  const deep = { a: { b: [{ adminPassword: 'hunter2', token: 'hunter2', Authorization: 'Bearer hunter2' }] } }
  log
    .child({ s3: { secret: 'hunter2' } })
    .error(
      { deep, error: new Error('outer', { cause }), object: { stringData: { x: 'hunter2' } } },
      'redis://:hunter2@cache',
    )
  expect(lines.join()).not.toContain('hunter2')
  expect(lines.join()).toContain('postgres://admin:[redacted]@db:5432/x failed')
})

test('what is no secret stays, and a circle ends', () => {
  const circle: Record<string, unknown> = {
    name: 'acme',
    secretName: 'acme-admin',
    tokens: 3,
    ports: [1],
    none: null,
  }
  circle.self = circle
  expect(redact(circle)).toMatchObject({
    name: 'acme',
    secretName: 'acme-admin',
    tokens: 3,
    ports: [1],
    none: null,
  })
})
