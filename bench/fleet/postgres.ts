/**
 * The databases of the fleet: the fake process, or a real server on this machine. With the real one the template is
 * filled by plain SQL and sealed beforehand, because the Job that would run Odoo is played by kwok.
 */

import type { Blueprint } from '../../operator/api/v1alpha1/blueprint.ts'
import { templateFor } from '../../operator/blueprint/template.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import { startPostgres } from '../../test/fixtures/postgres.ts'
import { queryAs, smallSchema } from '../../test/fixtures/small-template.ts'
import { startPostgresProcess } from './postgres-process.ts'
import { blueprint, version } from './tenants.ts'

export interface FleetPostgres {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Of the fake; left out: the operator uses its real driver. */
  readonly socket?: string
  stop(): Promise<void>
}

export async function startFleetPostgres(which: 'fake' | 'real', run: string): Promise<FleetPostgres> {
  return which === 'fake' ? startFake(run) : startReal()
}

async function startFake(run: string): Promise<FleetPostgres> {
  const { socket, stop } = await startPostgresProcess(run)
  return {
    host: 'postgres.databases.svc',
    port: 5432,
    user: 'tenantops',
    password: 'not-asked',
    socket,
    stop,
  }
}

async function startReal(): Promise<FleetPostgres> {
  const fixture = await startPostgres()
  // After Ctrl-C nobody calls `stop`.
  process.once('exit', () => void fixture.kill())
  const { host, port, user, password } = fixture.admin
  const { database, digest } = templateFor(blueprint as unknown as Blueprint, version)
  const server = connectPostgres(fixture.admin)
  try {
    const template = { user: database, password: 'only-in-this-run', database }
    await server.createTemplateDatabase(database, template.password)
    await queryAs(fixture, template, smallSchema)
    await server.sealTemplate(database, {
      kind: 'template',
      digest,
      blueprint: blueprint.metadata.name,
      series: version.series,
      built: new Date().toISOString(),
      modules: ['base'],
    })
  } catch (error) {
    await fixture.stop()
    throw error
  } finally {
    await server.close()
  }
  return { host, port, user, password, stop: () => fixture.stop() }
}
