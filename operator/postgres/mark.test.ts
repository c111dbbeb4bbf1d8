import { expect, test } from 'vitest'
import { readMark, type TemplateMark, type TenantMark, writeMark } from './mark.ts'

const tenant: TenantMark = {
  kind: 'tenant',
  state: 'ready',
  tenant: 'uid',
  template: 'tpl_x',
  adminSecret: '3',
}
const template: TemplateMark = {
  kind: 'template',
  digest: 'd',
  blueprint: 'b',
  series: '14.0',
  built: 't',
  modules: ['web'],
}

test('what was written is read', () => {
  expect(readMark('tenant', writeMark(tenant))).toEqual(tenant)
  expect(readMark('template', writeMark(template))).toEqual(template)
  expect(readMark('login', writeMark({ kind: 'login', secret: '1' }))).toEqual({ kind: 'login', secret: '1' })
})

test.each([
  ['nothing', null],
  ['an empty comment', ''],
  ['a comment of a person', 'Default database of the shop'],
  ['JSON of somebody else', '{"kind":"tenant","state":"ready"}'],
  ['JSON that is no object', '3'],
  ['another kind', writeMark(template)],
  ['a state that does not exist', writeMark(tenant).replace('ready', 'lost')],
  ['a field that is missing', writeMark(tenant).replace('"adminSecret":"3"', '"other":"3"')],
])('%s is no mark', (_, comment) => {
  expect(readMark('tenant', comment)).toBeUndefined()
})
