import { expect, it } from 'vitest'
import { type ManagedFields, ownershipOf } from './ownership.ts'

const fields = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]))
const entry = (
  manager: string,
  spec: readonly string[],
  more: Partial<ManagedFields> = {},
): ManagedFields => ({
  manager,
  operation: 'Update',
  time: '2026-11-22T05:00:00Z',
  fieldsV1: { 'f:spec': fields(...spec) },
  ...more,
})
const ours = (...spec: readonly string[]) => entry('helm', spec, { operation: 'Apply' })
const later = { time: '2026-11-22T06:00:00Z' }
const whole = ownershipOf([ours('replicas', 'template')])

it('changes its digest when a field of ours is gone, and not by what others add', () => {
  expect(whole).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{16}$/), autoscaled: false })
  expect(ownershipOf([ours('replicas', 'template'), entry('injector', ['sidecar'])]).digest).toBe(
    whole.digest,
  )
  expect(ownershipOf([ours('replicas'), entry('kubectl-edit', ['template'])]).digest).not.toBe(whole.digest)
})

it('leaves replicas to an autoscaler, and to nobody else', () => {
  const scale = { subresource: 'scale', ...later }
  const byMachine = ownershipOf([ours('template'), entry('kube-controller-manager', ['replicas'], scale)])
  expect(byMachine).toMatchObject({ digest: whole.digest, autoscaled: true })
  for (const other of [entry('kubectl', ['replicas'], scale), entry('kubectl-edit', ['replicas'], later)]) {
    const byHand = ownershipOf([ours('template'), other])
    expect(byHand).toMatchObject({ autoscaled: false, lastOther: other.manager })
    expect(byHand.digest).not.toBe(whole.digest)
  }
  const agreed = ownershipOf([ours('replicas', 'template'), entry('kubectl', ['replicas'], scale)])
  expect(agreed.digest, 'who says the same takes nothing').toBe(whole.digest)
})

it('names who wrote last beside us, not who told of the status', () => {
  const status = entry('kube-controller-manager', [], { subresource: 'status', time: '2026-11-22T09:00:00Z' })
  const found = ownershipOf([ours('template'), entry('b', ['x'], later), entry('a', ['y']), status])
  expect(found.lastOther).toBe('b')
  expect(ownershipOf([ours('template'), status])).not.toHaveProperty('lastOther')
})

it('knows nothing of an object without an entry of ours, such as one that the CLI updated', () => {
  expect(ownershipOf()).toEqual({ digest: '', autoscaled: false })
  expect(ownershipOf([entry('helm', ['template'])])).toMatchObject({ digest: '', lastOther: 'helm' })
})
