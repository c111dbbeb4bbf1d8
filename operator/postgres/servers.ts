/**
 * One connection pool per PostgreSQL server that a class names, made when first asked for. Credentials come from
 * the Secret in the operator's namespace; when they are refused, or the Secret or class changes, the pool is made
 * anew, so that a corrected password heals without a restart.
 */
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import type { SecretObject } from '../kube/object.ts'
import { PostgresError } from './errors.ts'
import type { PostgresServer, PostgresSettings, PostgresTls, ServerFacts } from './server.ts'

export interface ServersOptions {
  readonly client: KubeClient
  /** The operator's own namespace, where every Secret of a class lies. */
  readonly namespace: string
  readonly connect: (settings: PostgresSettings) => PostgresServer
}

interface Entry {
  /** What the entry was made from; another text means another server or other credentials. */
  readonly from: string
  readonly server: PostgresServer
  readonly facts: ServerFacts
  readonly ca: string | undefined
}

export interface ReachedServer {
  readonly server: PostgresServer
  readonly facts: ServerFacts
  /** CA certificate (PEM) by which pods verify the server; undefined when the class does not ask for it. */
  readonly ca: string | undefined
}

const isFit = ({ facts }: Entry): boolean => facts.problems.every((problem) => problem.weight === 'warn')

export class PostgresServers {
  readonly #options: ServersOptions
  readonly #entries = new Map<string, Promise<Entry>>()

  constructor(options: ServersOptions) {
    this.#options = options
  }

  /** The server of a class, checked for fitness until it is fit. Throws PostgresError with one sentence. */
  async of(tenantClass: TenantClass): Promise<ReachedServer> {
    const { name } = tenantClass.metadata
    const from = JSON.stringify(tenantClass.spec.postgres)
    const held = this.#entries.get(name)
    if (held !== undefined) {
      const entry = await held
      if (entry.from === from) return isFit(entry) ? entry : this.#examine(name, held, entry)
      await this.forget(name)
    }
    return this.#hold(name, this.#open(tenantClass, from))
  }

  /** Told of every error: refused credentials are read from their Secret again at the next question. */
  async blame(className: string, error: unknown): Promise<void> {
    if (error instanceof PostgresError && error.fault === 'WrongPassword') await this.forget(className)
  }

  /** Drops the connection of a class: the next question reads the Secret again. */
  async forget(className: string): Promise<void> {
    const held = this.#entries.get(className)
    this.#entries.delete(className)
    if (!held) return
    const entry = await held.catch(() => undefined)
    await entry?.server.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((name) => this.forget(name)))
  }

  /** What made the server unfit may be mended by now. */
  async #examine(name: string, held: Promise<Entry>, entry: Entry): Promise<Entry> {
    const examined = { ...entry, facts: await entry.server.preflight() }
    if (this.#entries.get(name) === held) this.#entries.set(name, Promise.resolve(examined))
    return examined
  }

  #hold(name: string, made: Promise<Entry>): Promise<Entry> {
    this.#entries.set(name, made)
    made.catch(() => {
      if (this.#entries.get(name) === made) this.#entries.delete(name)
    })
    return made
  }

  async #open(tenantClass: TenantClass, from: string): Promise<Entry> {
    const { postgres } = tenantClass.spec
    const admin = await this.#secret(tenantClass, 'adminSecret', postgres.adminSecret, [
      'username',
      'password',
    ])
    const tls = await this.#tls(tenantClass)
    const server = this.#options.connect({
      host: postgres.host,
      port: postgres.port ?? 5432,
      user: admin.username ?? '',
      password: admin.password ?? '',
      passwordSource: `Secret ${this.#options.namespace}/${postgres.adminSecret}`,
      tls,
      ...(postgres.database === undefined ? {} : { maintenanceDatabase: postgres.database }),
    })
    try {
      return { from, server, facts: await server.preflight(), ca: 'ca' in tls ? tls.ca : undefined }
    } catch (error) {
      await server.close()
      throw error
    }
  }

  async #tls(tenantClass: TenantClass): Promise<PostgresTls> {
    const { sslMode = 'verify-full', caSecret } = tenantClass.spec.postgres
    switch (sslMode) {
      case 'disable':
      case 'require':
        return { kind: sslMode }
      case 'verify-ca':
      case 'verify-full': {
        const ca = await this.#secret(tenantClass, 'caSecret', caSecret ?? '', ['ca.crt'])
        return { kind: sslMode, ca: ca['ca.crt'] ?? '' }
      }
    }
  }

  async #secret(
    tenantClass: TenantClass,
    field: string,
    name: string,
    keys: readonly string[],
  ): Promise<Readonly<Record<string, string>>> {
    const { client, namespace } = this.#options
    const where = `TenantClass ${tenantClass.metadata.name} spec.postgres.${field}: Secret ${namespace}/${name}`
    const secret = await client.get<SecretObject>(kinds.Secret, { namespace, name })
    if (!secret)
      throw new PostgresError(
        'WrongPassword',
        `${where} does not exist; create it with the keys ${keys.join(' and ')}`,
      )
    const decoded: Record<string, string> = {}
    for (const key of keys) {
      const value = secret.data?.[key]
      if (value === undefined) throw new PostgresError('WrongPassword', `${where} has no key ${key}; add it`)
      decoded[key] = Buffer.from(value, 'base64').toString('utf8')
    }
    return decoded
  }
}
