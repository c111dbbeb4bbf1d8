/**
 * A question to the PostgreSQL server of a class. A server that does not answer is a fact, not an error: nobody waits for
 * a connection to one that is known to be silent, since others need the worker, and refused credentials are read again.
 */
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { PostgresError } from './errors.ts'
import type { PostgresServer } from './server.ts'
import type { PostgresServers, ReachedServer } from './servers.ts'

export interface Reach {
  readonly servers: Pick<PostgresServers, 'of' | 'blame'>
  /** Why the server of a class is known to be away; undefined while it answers. */
  readonly outage: (className: string) => string | undefined
}

interface Unavailable {
  readonly kind: 'unavailable'
  readonly problem: string
}

/** Does something at the server of a class. Throws what `act` does; refused credentials are read again next time. */
export async function actOnServer(
  servers: Reach['servers'],
  tenantClass: TenantClass,
  act: (server: PostgresServer) => Promise<void>,
): Promise<void> {
  try {
    await act((await servers.of(tenantClass)).server)
  } catch (error) {
    await servers.blame(tenantClass.metadata.name, error)
    throw error
  }
}

/** What `ask` gives, or why it could not be asked. Throws only what is no PostgresError. */
export async function askServer<T>(
  { servers, outage }: Reach,
  tenantClass: TenantClass,
  ask: (reached: ReachedServer) => Promise<T>,
): Promise<T | Unavailable> {
  const { name } = tenantClass.metadata
  const away = outage(name)
  if (away !== undefined) return { kind: 'unavailable', problem: away }
  try {
    return await ask(await servers.of(tenantClass))
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    await servers.blame(name, error)
    return { kind: 'unavailable', problem: error.message }
  }
}
