/** The sender of a brand since Odoo 17, against real servers: what is set, what a former brand gives back, what people keep. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Brand } from '../../operator/odoo/brand.ts'
import type { TenantDatabaseNames } from '../../operator/postgres/server.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'
import { asTenant, loginPassword, provision, queryAs, testNames } from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_retail_abcdef123456'
/** Aliases and their domains as 17 has them; the company has none. */
const mail = `
  CREATE TABLE mail_alias_domain (id serial PRIMARY KEY, name varchar NOT NULL, sequence int, bounce_alias varchar NOT NULL,
    catchall_alias varchar NOT NULL, default_from varchar, create_uid int, create_date timestamp, write_uid int, write_date timestamp,
    UNIQUE (bounce_alias, name), UNIQUE (catchall_alias, name));
  CREATE TABLE mail_alias (id serial PRIMARY KEY, alias_name varchar, alias_full_name varchar, alias_domain_id int REFERENCES mail_alias_domain);
  INSERT INTO mail_alias (alias_name, alias_full_name) VALUES ('sales', 'sales'), (NULL, NULL);
  ALTER TABLE res_company ADD alias_domain_id int REFERENCES mail_alias_domain, ADD alias_domain_name varchar,
    ADD primary_color varchar, ADD secondary_color varchar, ADD email varchar, ADD logo_web bytea,
    ADD write_date timestamp;
  CREATE TABLE ir_ui_view (id serial PRIMARY KEY, name varchar, key varchar, type varchar, mode varchar, priority int, active boolean,
    inherit_id int, arch_db jsonb, create_uid int, create_date timestamp, write_uid int, write_date timestamp);`

describe.each(findPostgres())('$version', (binaries) => {
  let place: TemplatedPostgres
  let names: TenantDatabaseNames
  let count = 0

  beforeAll(async () => {
    place = await startTemplatedPostgres(template, { binaries, tables: mail })
  })
  afterAll(() => place?.stop())
  beforeEach(async () => {
    count += 1
    names = testNames(count.toString(16))
    await provision(place.server, names, template, 'acme')
  })

  const query = (text: string) => queryAs(place.postgres, asTenant(names), text)
  const apply = (brand: Brand) => place.server.setBrand(names, loginPassword, brand, JSON.stringify(brand))
  /** What Odoo would say of company and aliases. */
  const seen = async () => {
    const [company] = await query(
      `SELECT c.alias_domain_name AS domain, d.catchall_alias || '@' || d.name AS reply, d.default_from AS sender
         FROM res_company c LEFT JOIN mail_alias_domain d ON d.id = c.alias_domain_id`,
    )
    const aliases = await query('SELECT alias_full_name AS name FROM mail_alias ORDER BY id')
    return { ...company, aliases: aliases.map(({ name }) => name) }
  }
  const nothing = { domain: null, reply: null, sender: null, aliases: ['sales', null] }
  const parlour = { mailFrom: 'hello@parlour.test', mailReplyTo: 'help@parlour.test' }
  const ofParlour = {
    domain: 'parlour.test',
    reply: 'help@parlour.test',
    sender: 'hello@parlour.test',
    aliases: ['sales@parlour.test', null],
  }

  test('a reply address is the domain of company and aliases, however often it is applied', async () => {
    await apply(parlour)
    await apply(parlour)
    expect(await seen()).toEqual(ofParlour)
    expect(await query('SELECT name FROM mail_alias_domain')).toHaveLength(1)
  })

  test('another brand takes its place, and one without a sender leaves none of the former', async () => {
    await apply(parlour)
    await apply({ mailReplyTo: 'ahoi@lagoon.test' })
    expect(await seen()).toEqual({
      domain: 'lagoon.test',
      reply: 'ahoi@lagoon.test',
      sender: 'notifications',
      aliases: ['sales@lagoon.test', null],
    })
    await apply({ name: 'Lagoon' })
    expect(await seen()).toEqual(nothing)
    await apply(parlour)
    expect(await seen()).toEqual(ofParlour)
  })

  test('a sender alone makes no domain, to which nobody may listen', async () => {
    await apply({ mailFrom: 'hello@parlour.test' })
    expect(await seen()).toEqual(nothing)
    expect(await query('SELECT email FROM res_company')).toEqual([{ email: 'hello@parlour.test' }])
  })

  test('what people set in Odoo comes back, and what they changed since stays', async () => {
    await query(`INSERT INTO mail_alias_domain (name, bounce_alias, catchall_alias, default_from) VALUES ('own.test', 'b', 'all', 'office');
      UPDATE res_company SET alias_domain_id = 1, alias_domain_name = 'own.test';
      UPDATE mail_alias SET alias_domain_id = 1, alias_full_name = alias_name || '@own.test'`)
    const own = {
      domain: 'own.test',
      reply: 'all@own.test',
      sender: 'office',
      aliases: ['sales@own.test', null],
    }
    await apply({ mailFrom: 'hello@own.test', mailReplyTo: 'help@own.test' })
    expect(await seen()).toEqual({ ...own, reply: 'help@own.test', sender: 'hello@own.test' })
    await apply({ name: 'Own' })
    expect(await seen()).toEqual(own)
    await apply(parlour)
    expect(await seen(), 'aliases keep the domain that they have').toEqual({
      ...ofParlour,
      aliases: own.aliases,
    })
    await query("UPDATE mail_alias_domain SET default_from = 'by hand' WHERE name = 'parlour.test'")
    await apply({ name: 'Own' })
    expect(
      await query("SELECT default_from AS sender FROM mail_alias_domain WHERE name = 'parlour.test'"),
    ).toEqual([{ sender: 'by hand' }])
    expect(await seen()).toEqual(own)
  })
})
