import { expect, test } from 'vitest'
import { backupFilesArguments, backupOutputArguments, forgetArguments, restoreArguments } from './commands.ts'
import { repositoryAddress, resticEnvironment } from './repository.ts'

const repository = {
  kind: 's3',
  endpoint: 'https://s3.example.com',
  bucket: 'odoo',
  path: 'eu/acme/shop1',
} as const

test('a dump is stored by its command, under its tags', () => {
  expect(
    backupOutputArguments(['point=a', 'part=database'], 'database.dump', ['pg_dump', '-Fc']).join(' '),
  ).toBe(
    'backup --json --quiet --retry-lock 2m --host tenantops --tag point=a,part=database --stdin-filename database.dump --stdin-from-command -- pg_dump -Fc',
  )
})

test('files are compared by size and time, or read again', () => {
  expect(backupFilesArguments(['a'], ['/x'], { reread: false })).toContain('--ignore-inode')
  const again = backupFilesArguments(['a'], ['/x'], { reread: true })
  expect(again).toContain('--force')
  expect(again).not.toContain('--ignore-inode')
  expect(again.slice(-2)).toEqual(['--', '/x'])
})

test('ids and folders come as they are', () => {
  expect(forgetArguments(['one', 'two']).slice(-3)).toEqual(['--', 'one', 'two'])
  expect(restoreArguments('one', '/data', '/to')).toContain('one:/data')
})

test('credentials are in the environment, and in nothing else', () => {
  const place = {
    repository: { ...repository, region: 'eu-west-1' },
    keyFile: '/keys/key',
    store: { accessKeyId: 'who', secretAccessKey: 'secret' },
    volume: '/var/lib/tenantops/store',
    caFile: '/store/ca.crt',
    scratch: '/scratch',
  }
  expect(repositoryAddress(place.repository)).toBe('s3:https://s3.example.com/odoo/eu/acme/shop1')
  expect(resticEnvironment(place, '/bin')).toEqual({
    PATH: '/bin',
    HOME: '/scratch',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: '/scratch/tmp',
    RESTIC_CACHE_DIR: '/scratch/cache',
    RESTIC_REPOSITORY: 's3:https://s3.example.com/odoo/eu/acme/shop1',
    RESTIC_PASSWORD_FILE: '/keys/key',
    AWS_ACCESS_KEY_ID: 'who',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_DEFAULT_REGION: 'eu-west-1',
    RESTIC_CACERT: '/store/ca.crt',
  })
})

test('a REST server takes a name and a password; a volume is a folder', () => {
  const place = {
    keyFile: '/keys/key',
    store: { username: 'writer', password: 'secret' },
    volume: '/var/lib/tenantops/store',
    scratch: '/scratch',
  }
  const rest = { kind: 'rest', url: 'https://rest.example.com', path: 'odoo/acme.shop1' } as const
  expect(resticEnvironment({ ...place, repository: rest }, '/bin')).toMatchObject({
    RESTIC_REPOSITORY: 'rest:https://rest.example.com/odoo/acme.shop1/',
    RESTIC_REST_USERNAME: 'writer',
    RESTIC_REST_PASSWORD: 'secret',
  })
  const folder = resticEnvironment(
    { ...place, repository: { kind: 'volume', path: 'eu/acme/shop1' } },
    '/bin',
  )
  expect(folder.RESTIC_REPOSITORY).toBe('/var/lib/tenantops/store/eu/acme/shop1')
  expect(Object.values(folder)).not.toContain('secret')
})
