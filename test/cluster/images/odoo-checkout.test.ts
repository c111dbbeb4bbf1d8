/** What is read from a checkout of Odoo before anything is built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needsOf, seriesOf } from './odoo-checkout.ts'

let checkout: string
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'odoo-'))
})
afterEach(() => rmSync(checkout, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true })
  writeFileSync(join(checkout, path), text)
}

test('the series is that of its release', () => {
  put('odoo/release.py', "RELEASE = 1\nversion_info = (18, 0, 0, FINAL, 0, '')\n")
  put('addons/web/__init__.py', '')
  expect(seriesOf(checkout)).toBe('18.0')
})

test.each([
  ['an empty folder', {}],
  ['a folder of addons alone', { 'addons/web/__init__.py': '' }],
  ['a release without addons', { 'odoo/release.py': "version_info = (18, 0, 0, FINAL, 0, '')\n" }],
])('%s is none', (_, files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) put(path, text)
  expect(() => seriesOf(checkout)).toThrow(
    `TENANTOPS_ODOO_SOURCE names ${checkout}, which is no checkout of Odoo: odoo/release.py or addons/web is missing`,
  )
})

test('a series of which Debian has a package is made of that', () => {
  put('odoo/release.py', "version_info = (14, 0, 0, FINAL, 0, '')\n")
  put('addons/web/__init__.py', '')
  expect(() => seriesOf(checkout)).toThrow('Odoo 14.0, and 15.0 is the first that is made of a checkout')
})

test('what Debian is to install is what its own package asks of Python, and a little besides', () => {
  put(
    'debian/control',
    [
      'Source: odoo',
      'Build-Depends: python3-setuptools',
      '',
      'Package: odoo',
      'Architecture: all',
      'Depends:',
      ' lsb-base,',
      '# fonts',
      ' fonts-dejavu-core | fonts-freefont-ttf,',
      ' python3-lxml-html-clean | python3-lxml,',
      ' python3-zeep,',
      'Recommends:',
      ' python3-ldap,',
      '',
    ].join('\n'),
  )
  expect(needsOf(checkout)).toBe(
    'python3-lxml-html-clean | python3-lxml, python3-zeep, python3, python3-gevent, postgresql-client, ca-certificates, fonts-dejavu-core',
  )
})
