import { describe, expect, test } from 'vitest'
import { faultOf, type ResticFaultKind, silentStore } from './fault.ts'

const repository = 's3:https://s3.example.com/backups/acme/shop1'
const json = (message: string, code = 1) => JSON.stringify({ message_type: 'exit_error', code, message })
const error = (message: string, item: string) =>
  JSON.stringify({ message_type: 'error', error: { message }, during: 'restore', item })

/** Words of restic 0.18, as it said them. */
const cases: readonly (readonly [ResticFaultKind, number, string, RegExp])[] = [
  ['partial', 3, error('open /data/aa: permission denied', '/data/aa'), /could not read.*permission denied/],
  ['no-repository', 10, json('Fatal: repository does not exist', 10), /no restic repository at s3:https/],
  ['locked', 11, json('unable to create lock in backend', 11), /locked.*unlock/],
  ['wrong-key', 12, json('Fatal: wrong password or no key found', 12), /neither.*key opens/],
  ['interrupted', 130, '', /was ended by/],
  [
    'command-failed',
    1,
    `subprocess pg_dump: pg_dump: error: query failed: ERROR:  permission denied for table secret\n${json('Fatal: unable to save snapshot: failed to save /database.dump: Fatal: command failed: exit status 1')}`,
    /broke off.*permission denied for table secret/,
  ],
  [
    'snapshot-missing',
    1,
    `Load(<snapshot/deadbeefde>, 0, 0) failed: The specified key does not exist.\n${json('Fatal: could not find snapshot')}`,
    /not in repository.*any more/,
  ],
  [
    'pack-missing',
    1,
    `Load(<data/06aee574e1>, 3003195, 0) failed: The specified key does not exist.\n${error('lchown /x: no such file or directory', '/x')}\n${json('Fatal: There were 5 errors\n')}`,
    /lost a pack.*06aee574e1/,
  ],
  // The digits of a pack's name are no answer of a server.
  [
    'pack-missing',
    1,
    `Load(<data/aa403bb504>, 3003195, 0) failed: The specified key does not exist.\n${json('Fatal: There were 5 errors\n')}`,
    /lost a pack.*aa403bb504/,
  ],
  [
    'pack-missing',
    1,
    `${json(`pack ${'403504ab'.repeat(8)}: does not exist\n`)}\n${json('Fatal: repository contains errors')}`,
    /lost a pack.*403504ab/,
  ],
  [
    'data-corrupt',
    1,
    `${json(`pack ${'69d05007'.repeat(8)}: unexpected file size: got 13295290, expected 13295390\n`)}\n${json('Fatal: repository contains errors')}`,
    /other bytes.*unexpected file size/,
  ],
  [
    'damaged',
    1,
    `${json('error for tree b3d48e04:\n')}\n${json(`  id ${'b3d48e04'.repeat(8)} not found in repository\n`)}`,
    /is damaged.*not found in repository/,
  ],
  [
    'damaged',
    1,
    json('error: failed to load snapshot 20076d7e: LoadRaw(<snapshot/20076d7ea8>): invalid data returned'),
    /is damaged.*snapshot 20076d7e/,
  ],
  [
    'data-corrupt',
    1,
    `${error('decrypting blob <data/51f5620e> from 06aee574 failed: ciphertext verification failed', '/aa/x1')}\n${json('Fatal: There were 1 errors\n')}`,
    /other bytes.*ciphertext verification failed/,
  ],
  ['damaged', 1, json('Fatal: create key failed: repository already contains keys'), /is damaged/],
  ['damaged', 1, 'Load(<index/aabb>, 0, 0) failed: The specified key does not exist.', /is damaged/],
  ['refused', 1, json('Fatal: unable to open config file: Stat: Access Denied.'), /credentialsSecret/],
  ['unreachable', 1, 'dial tcp 127.0.0.1:1: connect: connection refused', /does not answer/],
  ['untrusted', 1, 'x509: certificate signed by unknown authority', /caSecret/],
  [
    'unwritable',
    1,
    json(
      'Fatal: create repository at /var/lib/tenantops/store/masons/granite failed: Fatal: unable to open repository at /var/lib/tenantops/store/masons/granite: mkdir /var/lib/tenantops/store/masons/granite: permission denied',
    ),
    /may not write at.*permission denied.*writable for group 101/,
  ],
  // What is not in the store is another matter.
  ['failed', 1, json('Fatal: mkdir /var/lib/odoo/x: permission denied'), /failed with exit code 1/],
  [
    'refused',
    1,
    json('Fatal: unable to open config file: unexpected HTTP response (401): 401 Unauthorized'),
    /credentialsSecret/,
  ],
  [
    'undeletable',
    0,
    'Remove(<snapshot/1dd250803d>) failed: unexpected HTTP response (403): 403 Forbidden\nunable to remove snapshot/1dd250803db45a3d from the repository',
    /lets nothing be removed.*pruneCredentialsSecret/,
  ],
  ['no-space', 1, 'write /scratch/tmp/pack: no space left on device', /scratch volume/],
  ['failed', 1, json('Fatal: something new'), /exit code 1.*something new/],
  ['failed', 99, '', /exit code 99.*said nothing/],
]

test('what restic goes on trying is named when it is given up', () => {
  const trying = (said: string) =>
    `Stat(<config/>) returned error, retrying after 1.2s: client.GetObject: ${said}\n`
  const given = [
    ['refused', 'The request signature we calculated does not match the signature you provided.'],
    ['untrusted', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    ['no-space', 'unexpected HTTP response (507): 507 Insufficient Storage'],
    ['unreachable', 'dial tcp 10.0.0.1:443: connect: connection refused'],
  ] as const
  for (const [kind, said] of given) expect(silentStore(repository, trying(said)).kind).toBe(kind)
})

test('restic that was ended before it said anything is quoted with nothing', () => {
  const { message } = silentStore(repository, '\u001b[2Ksignal terminated received, cleaning up\n')
  expect(message).toContain('does not answer (it said nothing)')
})

test.each(cases)('%s from code %d', (kind, code, said, sentence) => {
  const fault = faultOf({ code, signal: null, said }, repository)
  expect(fault?.kind).toBe(kind)
  expect(fault?.message).toMatch(sentence)
})

describe('the end itself', () => {
  test('0 alone is success, whatever was said but that something could not be removed', () => {
    expect(faultOf({ code: 0, signal: null, said: 'warnings' }, repository)).toBeUndefined()
    const lock = 'unable to remove lock/80eff30534 from the repository'
    expect(faultOf({ code: 0, signal: null, said: lock }, repository)).toBeUndefined()
  })
  test('a signal is no success, and is named', () => {
    const fault = faultOf({ code: null, signal: 'SIGKILL', said: '' }, repository)
    expect(fault).toMatchObject({ kind: 'interrupted' })
    expect(fault?.message).toContain('SIGKILL')
  })
  test('every other code is a failure', () => {
    for (let code = 1; code < 256; code++)
      expect(faultOf({ code, signal: null, said: '' }, repository), `code ${code}`).toBeDefined()
  })
})
