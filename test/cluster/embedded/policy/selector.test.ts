import { describe, expect, it } from 'vitest'
import type { LabelSelector } from './objects.ts'
import { selects } from './selector.ts'

const labels = { app: 'odoo', tier: 'web' }
const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
})

describe('a label selector', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['empty selects everything', {}, true],
    ['one equal label', { matchLabels: { app: 'odoo' } }, true],
    ['all labels have to be equal', { matchLabels: { app: 'odoo', tier: 'cron' } }, false],
    ['a label that is not there', { matchLabels: { zone: '' } }, false],
    ['a name that every object inherits is no label', { matchLabels: { toString: 'x' } }, false],
    ['In', expression('tier', 'In', 'cron', 'web'), true],
    ['In, another value', expression('tier', 'In', 'cron'), false],
    ['In, not there', expression('zone', 'In', ''), false],
    ['NotIn', expression('tier', 'NotIn', 'web'), false],
    ['NotIn, not there', expression('zone', 'NotIn', 'a'), true],
    ['Exists', expression('app', 'Exists'), true],
    ['Exists, not there', expression('zone', 'Exists'), false],
    ['DoesNotExist', expression('app', 'DoesNotExist'), false],
    ['DoesNotExist, not there', expression('zone', 'DoesNotExist'), true],
    ['an operator of the future selects nothing', expression('app', 'Like', 'o%'), false],
    [
      'labels and expressions are both asked',
      { matchLabels: { app: 'odoo' }, ...expression('tier', 'In', 'cron') },
      false,
    ],
  ])('%s', (_, selector, wanted) => {
    expect(selects(selector, labels)).toBe(wanted)
  })

  it('judges an object without labels', () => {
    expect([selects({}, undefined), selects({ matchLabels: { app: 'odoo' } }, undefined)]).toEqual([
      true,
      false,
    ])
  })
})
