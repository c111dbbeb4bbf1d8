import { expect, test } from 'vitest'
import { judgeModules } from './modules.ts'

const states = new Map([
  ['base', 'installed'],
  ['web', 'installed'],
  ['sale', 'installed'],
  ['sale_management', 'installed'],
  ['purchase', 'uninstalled'],
  ['stock', 'uninstalled'],
  ['l10n_be', 'uninstallable'],
  ['crm', 'installed'],
])
const judge = (asked: readonly string[], changed: readonly (readonly [string, string])[] = []) =>
  judgeModules({
    blueprint: 'retail',
    series: '14.0',
    image: 'odoo:14.0',
    asked,
    states: new Map([...states, ...changed]),
  })

test('all installed', () => {
  expect(judge(['sale_management', 'crm'])).toEqual({ kind: 'installed' })
})

test.each([
  [
    ['slae'],
    'ModuleUnknown',
    'blueprint retail names module slae, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.modules (did you mean sale?)',
  ],
  [
    ['sale_managment', 'crm', 'xyzzy_quux'],
    'ModuleUnknown',
    'blueprint retail names modules sale_managment, xyzzy_quux, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.modules (did you mean sale_management?)',
  ],
  [
    ['zzz'],
    'ModuleUnknown',
    'blueprint retail names module zzz, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.modules',
  ],
  [
    ['l10n_be'],
    'ModuleNotInstallable',
    'blueprint retail names module l10n_be, which Odoo 14.0 (image odoo:14.0) has but marks as not installable; remove it from spec.modules, or use an image in which it can be installed',
  ],
  [
    ['purchase'],
    'ModuleNotInstalled',
    "blueprint retail names module purchase, which Odoo 14.0 (image odoo:14.0) has but did not install; look at the log of the template's Job, then correct spec.modules or the image",
  ],
] as const)('%j', (asked, reason, sentence) => {
  expect(judge(asked)).toEqual({ kind: 'problem', reason, sentence })
})

test('a dependency that got stuck is said even when nobody asked for it', () => {
  expect(judge(['sale'], [['stock', 'to install']])).toMatchObject({
    reason: 'ModuleStuck',
    sentence: expect.stringContaining('module stock got stuck'),
  })
})

test('an empty database has nothing', () => {
  expect(
    judgeModules({ blueprint: 'b', series: '14.0', image: 'i', asked: ['web'], states: new Map() }),
  ).toMatchObject({ reason: 'ModuleUnknown' })
})
