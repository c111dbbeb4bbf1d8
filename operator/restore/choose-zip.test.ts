import { expect, it } from 'vitest'
import { aBackupPolicy } from '../../test/fixtures/backup-objects.ts'
import { newRestore } from '../../test/fixtures/restore-world.ts'
import { chooseZip } from './choose-zip.ts'

const restoreOf = (key: string) =>
  newRestore('good', { purpose: 'Import', source: { zip: { key, as: 'Moved' } } }).restore

it.each(['eu/_imports/acme/shop1.zip', 'eu/_exports/acme/shop9/leaves.zip'])('takes %s', (key) => {
  expect(chooseZip(restoreOf(key), aBackupPolicy())).toEqual({ kind: 'zip', zip: { key, as: 'Moved' } })
})

it.each([
  ['of another namespace', 'eu/_exports/globex/shop1/leaves.zip'],
  ['of a namespace whose name begins alike', 'eu/_imports/acme-two/shop1.zip'],
  ['beside the prefix', '_imports/acme/shop1.zip'],
  ['of a repository', 'eu/acme/shop1/data.zip'],
])('refuses a zip %s', (_, key) => {
  expect(chooseZip(restoreOf(key), aBackupPolicy())).toEqual({
    kind: 'none',
    reason: 'ZipOfAnother',
    message: `spec.source.zip.key: ${key} is not below eu/_imports/acme/ or eu/_exports/acme/, where zips for tenants of namespace acme lie; put it there, and name it in another TenantRestore`,
  })
})

it('says that a store of another kind keeps no zips, and lets points pass', () => {
  const policy = { ...aBackupPolicy(), spec: { ...aBackupPolicy().spec, store: {} } }
  for (const spec of [{ purpose: 'Export' }, restoreOf('eu/_imports/acme/a.zip').spec] as const)
    expect(chooseZip(newRestore('good', spec).restore, policy)).toMatchObject({ reason: 'StoreUnfit' })
  expect(chooseZip(newRestore('good').restore, policy)).toBeUndefined()
  expect(chooseZip(newRestore('good', { purpose: 'Export' }).restore, aBackupPolicy())).toBeUndefined()
})
