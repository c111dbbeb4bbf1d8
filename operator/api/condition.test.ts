import { describe, expect, it } from 'vitest'
import { type Condition, findCondition, setCondition } from './condition.ts'

const noon = new Date('2026-11-22T12:00:00.789Z')
const later = new Date('2026-11-22T12:05:00.000Z')
const ready = (status: 'True' | 'False' | 'Unknown', reason = 'Serving', message = 'It serves.') =>
  ({ type: 'Ready', status, reason, message }) as const

describe('setCondition', () => {
  it('adds a condition with generation and whole seconds', () => {
    expect(setCondition([], ready('True'), 3, noon)).toEqual([
      {
        type: 'Ready',
        status: 'True',
        observedGeneration: 3,
        lastTransitionTime: '2026-11-22T12:00:00Z',
        reason: 'Serving',
        message: 'It serves.',
      },
    ])
  })

  it('keeps lastTransitionTime while status is the same, though words and generation change', () => {
    const before = setCondition([], ready('False', 'Starting', 'Pods start.'), 1, noon)
    const after = setCondition(before, ready('False', 'PullFailed', 'The image cannot be pulled.'), 2, later)
    expect(after).toEqual([
      { ...before[0], reason: 'PullFailed', message: 'The image cannot be pulled.', observedGeneration: 2 },
    ])
  })

  it('moves lastTransitionTime with status', () => {
    const after = setCondition(setCondition([], ready('False'), 1, noon), ready('True'), 1, later.getTime())
    expect(after[0]?.lastTransitionTime).toBe('2026-11-22T12:05:00Z')
  })

  it('keeps the order of the others and does not touch what it was given', () => {
    const before: readonly Condition[] = Object.freeze([
      ...setCondition([], ready('True'), 1, noon),
      ...setCondition(
        [],
        { type: 'Deployed', status: 'True', reason: 'Deployed', message: 'Revision 1.' },
        1,
        noon,
      ),
    ])
    const after = setCondition(before, ready('False'), 1, later)
    expect(after.map(({ type }) => type)).toEqual(['Ready', 'Deployed'])
    expect(before[0]?.status).toBe('True')
  })

  it.each(['Reconciling', 'Stalled'] as const)('has %s only while it is True', (type) => {
    const on = setCondition([], { type, status: 'True', reason: 'Why', message: 'Why.' }, 1, noon)
    expect(findCondition(on, type)?.status).toBe('True')
    expect(setCondition(on, { type, status: 'False', reason: 'Done', message: 'Done.' }, 1, later)).toEqual(
      [],
    )
  })

  it('finds nothing where there is nothing', () => {
    expect(findCondition(undefined, 'Ready')).toBeUndefined()
  })
})
