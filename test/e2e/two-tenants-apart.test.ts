/**
 * Two customers on one database server. Odoo lets an administrator run code, so each of them is taken for hostile: from
 * inside its own pod, with its own credentials, it tries to enter, name, become or harm the other. For real, both ways.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { type Attempt, asTenant } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'side-by-side'

/** One of the two, with what the other must never get hold of. */
interface Side {
  readonly name: string
  readonly tenant: OdooTenant
  readonly runtime: string
  readonly database: string
  readonly login: string
}

let story: Story

beforeAll(async () => {
  story = await begin(namespace)
  await story.example('two-tenants')
})
afterAll(() => end(story, namespace))

describe.each([
  ['florist', 'plumber'],
  ['plumber', 'florist'],
])('tenant %s, turned against tenant %s', (attackerName, victimName) => {
  let attacker: Side
  let victim: Side

  const side = async (name: string): Promise<Side> => {
    const tenant = await story.ready({ namespace, name })
    const login = tenant.status?.placement?.login ?? ''
    expect(login).toMatch(/^t_[0-9a-f]{12}_d1$/)
    return { name, tenant, runtime: runtimeOf(tenant), database: databaseOf(tenant), login }
  }
  /** What PostgreSQL says to each attempt, made from the attacker's pod. */
  const refusals = async (attempts: readonly Attempt[]) => {
    const results = await asTenant(story, attacker.runtime, attempts)
    return results.map((result) =>
      result.kind === 'refused' ? result.message : `ALLOWED: ${JSON.stringify(result.rows)}`,
    )
  }

  beforeAll(async () => {
    ;[attacker, victim] = await Promise.all([side(attackerName), side(victimName)])
  })

  it('works in its own database, as its owner', async () => {
    const [own] = await asTenant(story, attacker.runtime, [
      { statements: ['SELECT current_user, session_user, current_database()'] },
    ])
    expect(own).toEqual({ kind: 'allowed', rows: [[attacker.database, attacker.login, attacker.database]] })
  })

  it('enters no other database', async () => {
    const template = attacker.tenant.status?.database?.template ?? ''
    const answers = await refusals(
      [victim.database, 'postgres', 'template1', 'template0', template].map((database) => ({ database })),
    )
    for (const answer of answers)
      expect(answer).toMatch(/permission denied for database|is not currently accepting connections/)
  })

  it('becomes nobody else', async () => {
    const roles = [
      victim.login,
      victim.database,
      'tenantops',
      'postgres',
      'pg_read_all_data',
      'pg_signal_backend',
    ]
    const answers = await refusals([
      ...roles.map((role) => ({ statements: ['RESET ROLE', `SET ROLE "${role}"`] })),
      ...roles.map((role) => ({ statements: ['RESET ROLE', `SET SESSION AUTHORIZATION "${role}"`] })),
      { statements: ['RESET ROLE', `GRANT "${victim.database}" TO "${attacker.login}"`] },
      { statements: [`GRANT "${victim.database}" TO "${attacker.database}"`] },
    ])
    for (const answer of answers) expect(answer).toMatch(/permission denied/)
  })

  it("changes neither the other's database and roles nor the server", async () => {
    const statements = [
      `DROP DATABASE "${victim.database}"`,
      `ALTER DATABASE "${victim.database}" RENAME TO mine`,
      `ALTER DATABASE "${victim.database}" OWNER TO "${attacker.database}"`,
      `ALTER DATABASE "${victim.database}" CONNECTION LIMIT 0`,
      `GRANT CONNECT ON DATABASE "${victim.database}" TO "${attacker.login}"`,
      `COMMENT ON DATABASE "${victim.database}" IS 'mine'`,
      `ALTER ROLE "${victim.login}" PASSWORD 'mine'`,
      `ALTER ROLE "${victim.login}" NOLOGIN`,
      `DROP ROLE "${victim.login}"`,
      `DROP DATABASE "${attacker.database}"`,
      `CREATE DATABASE mine`,
      `CREATE DATABASE mine TEMPLATE "${victim.database}"`,
      `CREATE ROLE mine`,
      `CREATE EXTENSION dblink`,
      `ALTER SYSTEM SET max_connections = 1`,
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `SELECT pg_read_file('/etc/passwd')`,
      `SELECT rolpassword FROM pg_authid`,
    ]
    const answers = await refusals(statements.map((statement) => ({ statements: [statement] })))
    for (const [index, answer] of answers.entries())
      expect(answer, statements[index]).toMatch(/permission denied|must be owner/)
  })

  it("ends none of the other's sessions and reads none of its queries", async () => {
    const sessions = `FROM pg_stat_activity WHERE usename = '${victim.login}'`
    const [seen, ended] = await asTenant(story, attacker.runtime, [
      { statements: [`SELECT DISTINCT query ${sessions}`] },
      { statements: [`SELECT pg_terminate_backend(pid) ${sessions}`] },
    ])
    // Odoo keeps sessions open, so there are some to end.
    expect(seen).toEqual({ kind: 'allowed', rows: [['<insufficient privilege>']] })
    expect(ended).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('permission denied to terminate process'),
    })
  })

  it('learns names that say nothing, and no customer', async () => {
    const [names] = await asTenant(story, attacker.runtime, [
      {
        statements: [
          `SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database
            UNION ALL SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles
            UNION ALL SELECT coalesce(application_name, ''), usename FROM pg_stat_activity
            UNION ALL SELECT name, setting FROM pg_settings`,
        ],
      },
    ])
    const text = JSON.stringify(names)
    expect(names?.kind).toBe('allowed')
    expect(text).toContain(victim.database)
    for (const word of [victim.name, namespace, victim.tenant.spec.displayName ?? '', victim.runtime]) {
      expect(word).not.toBe('')
      expect(text.toLowerCase()).not.toContain(word.toLowerCase())
    }
  })

  it('is fenced again at once when somebody takes a fence away', async () => {
    const fences = [
      ['networkpolicy', 'default-deny'],
      ['resourcequota', 'tenant'],
      ['limitrange', 'tenant'],
    ] as const
    for (const [kind, name] of fences) {
      const before = await story.run(
        'get',
        kind,
        name,
        '-n',
        attacker.runtime,
        '-o',
        'jsonpath={.metadata.uid}',
      )
      await story.run('delete', kind, name, '-n', attacker.runtime)
      await eventually(`${kind} ${name} to stand again`, 10, async () => {
        const uid = await story.try(
          'get',
          kind,
          name,
          '-n',
          attacker.runtime,
          '-o',
          'jsonpath={.metadata.uid}',
        )
        return uid.code === 0 && uid.stdout !== before
      })
    }
  })

  it('holds no key to the cluster', async () => {
    const listed = await story.try(
      'exec',
      '-n',
      attacker.runtime,
      'deployment/odoo-web',
      '--',
      'ls',
      '/var/run/secrets/kubernetes.io',
    )
    expect(listed.stderr).toContain('No such file')
  })

  it('leaves the other one open, with an administrator of its own', async () => {
    const password = (name: string) => story.secret(namespace, `${name}-admin`, 'password')
    const visitor = openVisitor(story.port, `${victim.name}.localhost`)
    expect(await visitor.logIn('admin', await password(attacker.name))).toBe(false)
    expect(await visitor.logIn('admin', await password(victim.name))).toBe(true)
    const companies = await visitor.call<readonly { name: string }[]>('res.company', 'search_read', [], {
      fields: ['name'],
    })
    expect(companies.map(({ name }) => name)).toEqual([victim.tenant.spec.displayName])
    expect(await asTenant(story, attacker.runtime, [{}])).toEqual([{ kind: 'allowed', rows: [[1]] }])
  })
})
