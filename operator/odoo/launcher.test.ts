import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launcherFile, launcherSource, serverCommand } from './launcher.ts'

let folder: string

/** A stand-in for the parts of Odoo that the launcher touches; `main` says what a connection would use. */
const odoo = {
  '__init__.py': '',
  'tools.py': 'import os, json\nconfig = {"db_name": json.loads(os.environ["DB_NAME"])}\n',
  'sql_db.py':
    'def connection_info_for(name, readonly=False):\n    import os\n    return name, {os.environ["KEY"]: name, "user": "u"}\n\ndef db_connect(name, *more):\n    return connection_info_for(name, *more)\n',
  'cli.py':
    'import json, sys, time, odoo.sql_db\ndef main():\n    if "--linger" in sys.argv:\n        print("up", flush=True)\n        time.sleep(60)\n    print(json.dumps([odoo.sql_db.db_connect("postgres"), odoo.sql_db.db_connect("postgres", True), odoo.sql_db.db_connect("t_x"), sys.argv[1:], time.tzname[0]]))\n    sys.exit(3 if "--fail" in sys.argv else 0)\n',
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantops-launch-'))
  mkdirSync(join(folder, 'odoo'))
  for (const [name, text] of Object.entries(odoo)) writeFileSync(join(folder, 'odoo', name), text)
  writeFileSync(join(folder, launcherFile), launcherSource)
})
afterAll(() => rmSync(folder, { recursive: true }))

function launch(args: readonly string[], env: Record<string, string> = {}) {
  const run = spawnSync('python3', [join(folder, launcherFile), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, PYTHONPATH: folder, KEY: 'database', DB_NAME: '"t_x"', ...env },
  })
  return { status: run.status, lines: run.stdout.trim().split('\n'), error: run.stderr }
}

test.each([
  ['Odoo 14 to 17', { KEY: 'database', DB_NAME: '"t_x"' }],
  ['Odoo 18', { KEY: 'dbname', DB_NAME: '"t_x,t_y"' }],
  ['Odoo 19, where db_name is a list', { KEY: 'dbname', DB_NAME: '["t_x"]' }],
])('the database postgres becomes the own one: %s', (_, env) => {
  const { status, lines } = launch(['-c', 'odoo.conf'], env)
  expect(status).toBe(0)
  const own = { [env.KEY]: 't_x', user: 'u' }
  expect(JSON.parse(lines[0] ?? '')).toEqual([
    ['postgres', own],
    ['postgres', own],
    ['t_x', own],
    ['-c', 'odoo.conf'],
    'UTC',
  ])
})

test('the process for live connections comes through', () => {
  const { lines } = launch(['gevent', '-c', 'odoo.conf'])
  expect(JSON.parse(lines[0] ?? '')[3]).toEqual(['gevent', '-c', 'odoo.conf'])
})

test('a template: one Odoo after the other, and the first that fails ends it with its code', {
  timeout: 30_000,
}, () => {
  const ok = launch([
    'template',
    JSON.stringify({
      config: '/none',
      install: [
        ['-i', 'base'],
        ['-i', 'web'],
      ],
    }),
  ])
  expect(ok.status).toBe(0)
  expect(ok.lines.slice(0, 2).map((line) => JSON.parse(line)[3])).toEqual([
    ['-i', 'base'],
    ['-i', 'web'],
  ])
  const failed = launch([
    'template',
    JSON.stringify({
      config: '/none',
      install: [
        ['-i', 'base', '--fail'],
        ['-i', 'web'],
      ],
    }),
  ])
  expect(failed.status).toBe(3)
  expect(failed.lines).toHaveLength(1)
})

test('asked to stop before Odoo listens to signals, it ends at once by itself', async () => {
  const child = spawn('python3', [join(folder, launcherFile), '--linger'], {
    env: { PATH: process.env.PATH, PYTHONPATH: folder, KEY: 'database', DB_NAME: '"t_x"' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  // An exit code, not the signal: there is a handler, which the first process of a container needs.
  expect(await once(child, 'exit')).toEqual([143, null])
})

test('web without crons, crons without HTTP', () => {
  const paths = { launcherPath: '/etc/odoo/launch.py', configPath: '/etc/odoo/odoo.conf' }
  expect(serverCommand({ ...paths, role: 'web' })).toEqual([
    'python3',
    '/etc/odoo/launch.py',
    '-c',
    '/etc/odoo/odoo.conf',
    '--max-cron-threads=0',
  ])
  expect(serverCommand({ ...paths, role: 'cron' })).toEqual([
    'python3',
    '/etc/odoo/launch.py',
    '-c',
    '/etc/odoo/odoo.conf',
    '--workers=1',
    '--no-http',
    '--max-cron-threads=1',
  ])
  expect(readFileSync(join(folder, launcherFile), 'utf8')).toBe(launcherSource)
})
