import { expect, test } from 'vitest'
import { tenantDatabaseState } from './facts.ts'
import { type TenantMark, writeMark } from './mark.ts'

const row = {
  datname: 't_x',
  owner: 'tenantops',
  ours: true,
  invalid: false,
  datallowconn: true,
  datistemplate: false,
  comment: null,
  sessions: 0,
}
const mark = (state: TenantMark['state']): TenantMark => ({
  kind: 'tenant',
  state,
  tenant: 'u',
  template: 't',
  adminSecret: '1',
})

test.each([
  ['no database', undefined, { kind: 'absent' }],
  ['an interrupted drop', { ...row, invalid: true }, { kind: 'invalid' }],
  ['a clone that is still closed', { ...row, datallowconn: false }, { kind: 'cloned' }],
  ['a clone whose hand-over was cut off', { ...row, comment: writeMark(mark('cloned')) }, { kind: 'cloned' }],
  ['a ready one', { ...row, comment: writeMark(mark('ready')) }, { kind: 'ready', mark: mark('ready') }],
  [
    'a ready one, closed by hand',
    { ...row, datallowconn: false, comment: writeMark(mark('ready')) },
    { kind: 'ready', mark: mark('ready') },
  ],
  [
    'a retained one',
    { ...row, comment: writeMark(mark('retained')) },
    { kind: 'retained', mark: mark('retained') },
  ],
])('%s', (_, database, state) => {
  expect(tenantDatabaseState(database)).toEqual(state)
})

test.each([
  [
    'of another role',
    { ...row, owner: 'somebody', ours: false, comment: writeMark(mark('ready')) },
    /belongs to role somebody/,
  ],
  [
    'of another role and invalid',
    { ...row, owner: 'somebody', ours: false, invalid: true },
    /belongs to role somebody/,
  ],
  ['without its mark', row, /has lost the operator's mark/],
])('a database %s is left alone', (_, database, sentence) => {
  expect(tenantDatabaseState(database)).toEqual({
    kind: 'foreign',
    sentence: expect.stringMatching(sentence),
  })
})
