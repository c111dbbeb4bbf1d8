import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OdooConfigError, type OdooConfigInput, odooConfig } from './config.ts'

const input: OdooConfigInput = {
  series: '17.0',
  dbHost: 'pg.databases.svc',
  dbPort: 5432,
  dbUser: 't_0123456789ab_d1',
  dbPassword: 'p%(x)s;#=[y]',
  dbName: 't_0123456789ab',
  dbSslMode: 'verify-full',
  dbMaxConn: 16,
  adminPasswd: 'random',
  workers: 2,
  maxCronThreads: 0,
}

/** As Odoo reads them: RawConfigParser, one section a file. */
function readByPython(files: readonly string[]): readonly Readonly<Record<string, string>>[] {
  const text = files.map((file, i) => file.replace('[options]', `[${i}]`)).join('\n')
  const program = `import sys, json, configparser
p = configparser.RawConfigParser()
p.read_string(sys.stdin.buffer.read().decode())
print(json.dumps([dict(p.items(s)) for s in p.sections()]))`
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }))
}

function isAccepted(dbPassword: string): boolean {
  try {
    odooConfig({ ...input, dbPassword })
    return true
  } catch (error) {
    if (!(error instanceof OdooConfigError)) throw error
    return false
  }
}

test('the whole file', () => {
  expect(odooConfig(input)).toBe(`[options]
db_host = pg.databases.svc
db_port = 5432
db_user = t_0123456789ab_d1
db_password = p%(x)s;#=[y]
db_name = t_0123456789ab
db_sslmode = verify-full
db_maxconn = 16
list_db = False
admin_passwd = random
proxy_mode = True
data_dir = /var/lib/odoo
http_interface = 0.0.0.0
http_port = 8069
gevent_port = 8072
workers = 2
max_cron_threads = 0
without_demo = all
`)
})

test('the port of live connections by series, limits and add-ons when given', () => {
  const text = odooConfig({
    ...input,
    series: '14.0',
    limitMemorySoft: 1,
    limitTimeReal: 120,
    addonsPath: ['/a', '/b'],
  })
  expect(text).toContain('\nlongpolling_port = 8072\n')
  expect(text).toContain('\nlimit_memory_soft = 1\nlimit_time_real = 120\naddons_path = /a,/b\n')
})

test.each([
  ['a line break', 'secret\nadmin_passwd = mine', /db_password must not hold line breaks/],
  ['a carriage return', 'secret\rlist_db = True', /db_password must not hold line breaks/],
  ['a line separator', 'secret\u2028list_db = True', /db_password must not hold line breaks/],
  ['a zero byte', 'sec\0ret', /control characters/],
  ['nothing', '', /must not be empty/],
  ['a blank at the end', 'secret ', /begin or end with a blank/],
  ['the word True', 'true', /must not be the word true/],
  ['the word None', 'None', /must not be the word None/],
])('a value with %s is refused', (_, dbPassword, sentence) => {
  expect(() => odooConfig({ ...input, dbPassword })).toThrow(sentence)
  expect(() => odooConfig({ ...input, dbPassword })).toThrow(OdooConfigError)
})

test('a number that is none is refused', () => {
  expect(() => odooConfig({ ...input, workers: Number.NaN })).toThrow(
    'odoo.conf: workers must be a whole number',
  )
})

test('Python reads every accepted password as it was written, and nothing else changes', {
  timeout: 30_000,
}, () => {
  const samples = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), {
    numRuns: 200,
    seed: 1,
  })
  const accepted = samples.filter(isAccepted)
  expect(accepted.length).toBeGreaterThan(150)
  const read = readByPython(accepted.map((dbPassword) => odooConfig({ ...input, dbPassword })))
  expect(read.map((options) => options.db_password)).toEqual(accepted)
  expect(new Set(read.map((options) => Object.keys(options).join()))).toHaveLength(1)
})
