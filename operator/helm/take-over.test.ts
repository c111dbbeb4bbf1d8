import { expect, it } from 'vitest'
import type { ManagedFields } from './ownership.ts'
import { takenOver } from './take-over.ts'

const ours: ManagedFields = {
  manager: 'helm',
  operation: 'Apply',
  fieldsV1: { 'f:metadata': {}, 'f:spec': { 'f:ports': { 'k:8072': { 'f:name': {} } } } },
}
const edited: ManagedFields = {
  manager: 'kubectl-edit',
  operation: 'Update',
  fieldsV1: { 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:ports': { 'k:80': { 'f:name': {} } } } },
}
const merged = { 'f:ports': { 'k:8072': { 'f:name': {} }, 'k:80': { 'f:name': {} } } }

it('takes the spec of plain writes, and leaves them the rest', () => {
  expect(takenOver([edited, ours], 'v1')).toEqual([
    { ...ours, fieldsV1: { 'f:metadata': {}, 'f:spec': merged } },
    { ...edited, fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
  ])
})

it('leaves those alone who apply, scale or tell a status', () => {
  const others = [
    { ...edited, operation: 'Apply' },
    { ...edited, subresource: 'scale' },
    { ...edited, subresource: 'status' },
  ]
  expect(takenOver([ours, ...others], 'v1')).toEqual([ours, ...others])
})

it('makes an entry of ours where somebody stripped it', () => {
  expect(takenOver([edited], 'v1')[0]).toEqual({
    manager: 'helm',
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': edited.fieldsV1?.['f:spec'] },
  })
})
