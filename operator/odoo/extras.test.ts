/** What is put into a database that lives: only what is missing, judged by the database and said in one sentence. */
import { describe, expect, it } from 'vitest'
import {
  extrasCommand,
  impossibleExtras,
  judgeExtras,
  lostExtras,
  missingExtras,
  type OdooOutcome,
} from './extras.ts'

const held = (modules: Record<string, string>, languages: Record<string, boolean> = {}) => ({
  modules: new Map(Object.entries(modules)),
  languages: new Map(Object.entries(languages)),
})
const asked = { modules: ['crm', 'stock'], languages: ['fr_BE'] }
const before = held(
  { base: 'installed', crm: 'installed', stock: 'uninstalled' },
  { en_US: true, fr_BE: false },
)
const after = held({ base: 'installed', crm: 'installed', stock: 'installed' }, { en_US: true, fr_BE: true })
const well: OdooOutcome = { code: 0, module: 'stock', cause: null }
const odoo = 'Odoo 14.0 (image odoo:14.0)'

describe('missingExtras', () => {
  it('leaves out what is there: Odoo would load its data again, over what people changed', () => {
    expect(missingExtras(asked, before)).toEqual({ modules: ['stock'], languages: ['fr_BE'] })
    expect(missingExtras(asked, after)).toEqual({ modules: [], languages: [] })
  })
})

describe('lostExtras', () => {
  it('names what is surely gone, and nothing that is in the middle of an upgrade', () => {
    expect(lostExtras(asked, after)).toEqual({ modules: [], languages: [] })
    expect(lostExtras(asked, before)).toEqual({ modules: ['stock'], languages: ['fr_BE'] })
    expect(lostExtras(asked, held({ crm: 'to upgrade', stock: 'to remove' }, { fr_BE: true }))).toEqual({
      modules: [],
      languages: [],
    })
    expect(lostExtras(asked, held({ crm: 'uninstallable' }, {}))).toEqual(asked)
  })
})

describe('impossibleExtras', () => {
  it.each([
    [asked, before, undefined],
    [
      { modules: ['stok'], languages: [] },
      before,
      'spec.modules names stok, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.modules (did you mean stock?), or update the list of apps in Odoo if the image has got it since',
    ],
    [
      { modules: ['crm'], languages: [] },
      held({ crm: 'uninstallable' }),
      'spec.modules names crm, which Odoo 14.0 (image odoo:14.0) has but marks as not installable; remove it',
    ],
    [
      { modules: [], languages: ['xx_YY'] },
      before,
      'spec.languages names xx_YY, which Odoo 14.0 (image odoo:14.0) does not have; correct or remove it',
    ],
  ])('%j', (wish, there, sentence) => {
    expect(impossibleExtras(wish, there, odoo)).toBe(sentence)
  })
})

describe('judgeExtras', () => {
  it.each<[string, ReturnType<typeof held>, OdooOutcome | undefined, string | undefined]>([
    ['all is there', after, well, undefined],
    [
      'Odoo ended with an error',
      before,
      { code: 255, module: 'stock', cause: 'psycopg2.errors.CheckViolation: no' },
      'Odoo could not install stock: psycopg2.errors.CheckViolation: no',
    ],
    [
      'Odoo ended without a word',
      before,
      { code: 1, module: null, cause: null },
      'Odoo could not install stock, fr_BE, and ended with exit code 1',
    ],
    [
      'nobody knows how Odoo ended',
      after,
      undefined,
      'Odoo could not install what was asked for, and ended with exit code unknown',
    ],
    [
      'a module hangs',
      held({ crm: 'installed', stock: 'to install' }, { fr_BE: true }),
      { ...well, cause: 'Some modules are not loaded' },
      'stock got stuck half installed, mostly for a missing dependency: Some modules are not loaded',
    ],
    [
      'a module was passed over',
      held({ crm: 'installed' }, { fr_BE: true }),
      well,
      'Odoo did not install stock',
    ],
    [
      'a language was passed over',
      held({ crm: 'installed', stock: 'installed' }, { fr_BE: false }),
      well,
      'Odoo did not load language fr_BE',
    ],
  ])('%s', (_, there, outcome, sentence) => {
    expect(judgeExtras(asked, there, outcome)).toBe(sentence)
  })
})

describe('extrasCommand', () => {
  it('runs Odoo by the launcher, without crons, HTTP and demonstration data', () => {
    const command = extrasCommand({
      series: '14.0',
      ...asked,
      configPath: '/etc/odoo/odoo.conf',
      launcherPath: '/etc/odoo/launch.py',
      outcomePath: '/run/change/outcome.json',
    })
    expect(command.slice(0, 3)).toEqual(['python3', '-u', '-c'])
    expect(JSON.parse(command[4] ?? '')).toEqual({
      modules: ['crm', 'stock'],
      languages: ['fr_BE'],
      config: '/etc/odoo/odoo.conf',
      outcome: '/run/change/outcome.json',
      odoo: [
        '/etc/odoo/launch.py',
        '-c',
        '/etc/odoo/odoo.conf',
        '--without-demo=all',
        '--workers=0',
        '--max-cron-threads=0',
        '--no-http',
        '--stop-after-init',
      ],
    })
  })
})
