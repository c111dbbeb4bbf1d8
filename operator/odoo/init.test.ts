import { expect, test } from 'vitest'
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { initCommand } from './init.ts'

const input = {
  modules: ['sale', 'base', 'sale'],
  language: 'fr_BE',
  country: 'BE',
  currency: undefined,
  demo: false,
  configPath: '/etc/odoo/odoo.conf',
  launcherPath: '/etc/odoo/launch.py',
}

interface Plan {
  readonly config: string
  readonly country?: string
  readonly install: readonly (readonly string[] | 'choose')[]
}

function planOf(series: OdooSeries, demo = false): Plan {
  const [python, launcher, command, plan] = initCommand({ ...input, series, demo })
  expect([python, launcher, command]).toEqual(['python3', '/etc/odoo/launch.py', 'template'])
  return JSON.parse(plan ?? '')
}

test('base and language first, then country and currency, then the modules', () => {
  const end = ['--without-demo=all', '--workers=0', '--max-cron-threads=0', '--no-http', '--stop-after-init']
  expect(planOf('14.0')).toEqual({
    config: '/etc/odoo/odoo.conf',
    asked: ['sale', 'base', 'sale'],
    country: 'BE',
    install: [
      ['-c', '/etc/odoo/odoo.conf', '-i', 'base', '--load-language=fr_BE', ...end],
      'choose',
      ['-c', '/etc/odoo/odoo.conf', '-i', 'web,sale', ...end],
    ],
  })
})

test.each([
  ['14.0', '--without-demo=all', undefined],
  ['15.0', '--without-demo=all', undefined],
  ['16.0', '--without-demo=all', undefined],
  ['17.0', '--without-demo=all', undefined],
  ['18.0', '--without-demo=all', undefined],
  ['19.0', undefined, '--with-demo'],
] as const)('demonstration data in %s', (series, without, wanted) => {
  const flags = (demo: boolean) =>
    planOf(series, demo)
      .install.flat()
      .filter((word) => word.includes('demo'))
  expect(new Set(flags(false))).toEqual(new Set(without === undefined ? [] : [without]))
  expect(new Set(flags(true))).toEqual(new Set(wanted === undefined ? [] : [wanted]))
})
