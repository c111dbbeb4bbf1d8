/**
 * Zips of strangers, with the real psql and PostgreSQL: whatever a hostile or broken one holds is refused in a sentence,
 * and nothing of it is obeyed.
 */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ImportSpec } from '../../operator/agent/zip-contract.ts'
import type { ZipEntry } from '../fixtures/hostile-zip.ts'
import { added, type ImportScene, replaced, startImportScene } from '../fixtures/import-scene.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let scene: ImportScene
beforeAll(async () => {
  scene = await startImportScene()
})
afterAll(() => scene?.stop())

const marker = '/tmp/tenantops-import-was-obeyed'
test.each<[string, (text: string) => string, string, RegExp]>([
  [
    'runs a program',
    (text) => `${text}\n\\! touch ${marker}\n`,
    'ZipRefused',
    /has a command to psql at line \d+ of dump.sql/,
  ],
  [
    'runs a program in the midst of it',
    (text) => text.replace('SET row_security', `\\! touch ${marker}\nSET row_security`),
    'ZipRefused',
    /command to psql/,
  ],
  [
    'copies from a program',
    (text) => `${text}\n\\copy res_users from program 'touch ${marker}'\n`,
    'ZipRefused',
    /command to psql/,
  ],
  [
    'lets go of its own restriction',
    (text) => text.replace(/\\unrestrict \S+/, `\\unrestrict guess\n\\! touch ${marker}`),
    'ZipRefused',
    /command to psql/,
  ],
  ['enters another database', (text) => `${text}\n\\connect postgres\n`, 'ZipRefused', /command to psql/],
  [
    'asks the server for a program',
    (text) => `${text}\nCOPY res_users FROM PROGRAM 'touch ${marker}';\n`,
    'DatabaseRefused',
    /PostgreSQL .* refused the dump at line \d+/,
  ],
  [
    'reads a file of the server',
    (text) => `${text}\nSELECT pg_read_file('/etc/passwd');\n`,
    'DatabaseRefused',
    /permission denied/,
  ],
  [
    'makes itself a superuser',
    (text) => `${text}\nALTER ROLE CURRENT_USER SUPERUSER;\n`,
    'DatabaseRefused',
    /permission|must be/,
  ],
  [
    'fails half way',
    (text) => text.replace(/\nCREATE INDEX/, '\nSELECT 1 / 0;\nCREATE INDEX'),
    'DatabaseRefused',
    /division by zero/,
  ],
  [
    'breaks off',
    (text) => text.slice(0, text.indexOf('\nCREATE INDEX')),
    'ZipRefused',
    /does not end as pg_dump ends one/,
  ],
  [
    'is of something else',
    () => '-- PostgreSQL database dump complete\n',
    'ZipRefused',
    /not of an Odoo database: it has no ir_module_module/,
  ],
])('a dump that %s is refused, and nothing of it is obeyed', async (_, change, reason, words) => {
  const { bring, take, sql } = scene
  await bring(replaced('dump.sql', change(sql())))
  const end = await take()
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason } })
  expect(end.result?.problem).toMatch(words)
  expect(existsSync(marker)).toBe(false)
})

const sha = 'ab'.padEnd(40, '0')
test.each<[string, (entries: Map<string, ZipEntry>) => void, RegExp]>([
  ['climbs out', added({ name: '../../etc/cron.d/x', content: 'x' }), /would be outside of it/],
  ['is absolute', added({ name: '/etc/passwd', content: 'x' }), /would be outside of it/],
  [
    'is a link',
    added({ name: `filestore/ab/${sha}`, content: '/etc/passwd', mode: 0o120777 }),
    /is a link or a device/,
  ],
  ['is no file of Odoo', added({ name: 'filestore/ab/script.sh', content: 'x' }), /not named as Odoo names/],
  [
    'lies in the wrong folder',
    added({ name: `filestore/cd/${sha}`, content: 'x' }),
    /not named as Odoo names/,
  ],
  ['is all zeros', replaced('dump.sql', Buffer.alloc(300 * 1024 * 1024)), /packed more than 200:1/],
])('a zip in which something %s is refused before anything is unpacked', async (_, change, words) => {
  const { tenant, bring, take } = scene
  await bring(change)
  await tenant.query('CREATE TABLE IF NOT EXISTS untouched (id int)')
  const end = await take()
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason: 'ZipRefused' } })
  expect(end.result?.problem).toMatch(words)
  await tenant.query('SELECT id FROM untouched')
})

test.each<[string, (entries: Map<string, ZipEntry>) => void, Partial<ImportSpec>, string, RegExp]>([
  [
    'is of another series',
    () => {},
    { series: '17.0' },
    'SeriesDiffers',
    /is of Odoo 14.0, and the tenant runs Odoo 17.0/,
  ],
  [
    'lacks its manifest',
    (entries) => entries.delete('manifest.json'),
    {},
    'ZipRefused',
    /has no manifest.json/,
  ],
  [
    'has a file that is not what its name says',
    (entries) => {
      const name = [...entries.keys()].find((each) => each.startsWith('filestore/')) ?? ''
      entries.set(name, { name, content: 'spoiled' })
    },
    {},
    'FileCorrupt',
    /does not hold what its name, its SHA-1, says/,
  ],
  [
    'lacks a file',
    (entries) => {
      entries.delete([...entries.keys()].find((each) => each.startsWith('filestore/')) ?? '')
    },
    {},
    'FileMissing',
    /lacks 1 of the files that its database names, the first is [0-9a-f]{2}\/[0-9a-f]{40}/,
  ],
  [
    'brings the login of the administrator for somebody else',
    (entries) =>
      replaced(
        'dump.sql',
        scene.sql().replace(/(COPY public.res_users \(.*\n)/, (head) => `${head}9\tboss\t\\N\tt\t\\N\t\\N\n`),
      )(entries),
    {},
    'ZipRefused',
    /login boss .* belongs to another user .*id 9/,
  ],
])('a zip that %s is refused', async (_, change, more, reason, words) => {
  const { bring, take } = scene
  await bring(change)
  const end = await take(more)
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason } })
  expect(end.result?.problem).toMatch(words)
})
