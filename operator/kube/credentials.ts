/**
 * Who we are to the API server: address, TLS material and the Authorization header, from a kubeconfig or the pod's
 * service account. Files (token, CA, certificates, the kubeconfig itself) are read again every minute and after a 401.
 */
import { createHash } from 'node:crypto'
import type { RequestOptions } from 'node:https'
import { dirname, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'

export interface Credentials {
  /** Base address without a slash at the end, e.g. `https://10.96.0.1:443`. */
  readonly server: string
  /** The namespace of the current context; in a pod, the pod's own. */
  readonly namespace: string | undefined
  readonly authorization: string | undefined
  readonly tls: Tls
  /** Changes when the TLS material does: connections must then be made anew. */
  readonly tlsDigest: string
}

type Tls = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>

/** Reads the kubeconfig at `path`, or what kubectl would use (KUBECONFIG, ~/.kube/config, in-cluster). */
export async function readCredentials(path?: string): Promise<Credentials> {
  const config = new TokenFileConfig()
  if (path) config.loadFromFile(path)
  else config.loadFromDefault()
  const cluster = config.getCurrentCluster()
  if (!cluster)
    throw new Error(`the kubeconfig ${path ?? '(default)'} names no current cluster: set current-context`)
  if (cluster.proxyUrl)
    throw new Error(
      `the kubeconfig ${path ?? '(default)'} sets proxy-url for cluster ${cluster.name}, and the operator speaks to the API server without a proxy: remove proxy-url and run the operator where ${cluster.server} is reached directly`,
    )
  const options: RequestOptions = { headers: {} }
  await config.applyToHTTPSOptions(options)
  const tls: Tls = {}
  for (const field of [
    'ca',
    'cert',
    'key',
    'pfx',
    'passphrase',
    'servername',
    'rejectUnauthorized',
  ] as const) {
    if (options[field] !== undefined && options[field] !== null)
      Object.assign(tls, { [field]: options[field] })
  }
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    authorization: authorizationOf(options),
    tls,
    tlsDigest: digest(tls),
  }
}

/** client-node leaves out the field `tokenFile` of users: without it they would be nobody, and nobody would say why. */
class TokenFileConfig extends KubeConfig {
  #tokenFiles = new Map<string, string>()

  override loadFromString(text: string): void {
    super.loadFromString(text)
    const { users = [] }: Written = parse(text) ?? {}
    this.#tokenFiles = new Map(
      users.flatMap(({ name, user }) => (user?.tokenFile && !user.token ? [[name, user.tokenFile]] : [])),
    )
  }

  override loadFromFile(file: string): void {
    super.loadFromFile(file)
    this.loadFromOptions({
      clusters: this.clusters,
      contexts: this.contexts,
      currentContext: this.currentContext,
      users: this.users.map((user) => {
        const tokenFile = this.#tokenFiles.get(user.name)
        if (!tokenFile) return user
        const config = { tokenFile: resolve(dirname(file), tokenFile) }
        return { ...user, authProvider: { name: 'tokenFile', config } }
      }),
    })
  }
}

interface Written {
  readonly users?: readonly {
    readonly name: string
    readonly user?: { readonly tokenFile?: string; readonly token?: string }
  }[]
}

function authorizationOf(options: RequestOptions): string | undefined {
  const headers: unknown = options.headers
  const bearer = headers && typeof headers === 'object' ? Reflect.get(headers, 'Authorization') : undefined
  if (typeof bearer === 'string') return bearer.trim()
  return options.auth ? `Basic ${Buffer.from(options.auth).toString('base64')}` : undefined
}

function digest(tls: Tls): string {
  const hash = createHash('sha256')
  for (const [field, value] of Object.entries(tls)) hash.update(`${field}:${String(value)};`)
  return hash.digest('hex')
}
