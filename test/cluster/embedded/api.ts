/** Requests of the harness itself to the API server of a cluster it made; the operator has a client of its own. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { ClusterError } from '../progress.ts'

export interface Api {
  readonly server: string
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** A Kubernetes object as the harness writes it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** Access by the admin kubeconfig that `writeKubeconfig` made. */
export function apiOf(kubeconfig: string): Api {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
  }
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  const decode = (text: string) => Buffer.from(text, 'base64')
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
}

/** One request; status 0 when no answer came. */
export function call(
  api: Api,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<Answer> {
  return new Promise((settle) => {
    const { ca, cert, key } = api
    const sent = body === undefined ? '' : JSON.stringify(body)
    const headers = body === undefined ? {} : { 'content-type': contentType }
    const outgoing = request(
      `${api.server}${path}`,
      { method, ca, cert, key, agent: false, timeout: 5000, headers },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => settle({ status: response.statusCode ?? 0, body: text }))
        response.on('error', (error) => settle({ status: 0, body: error.message }))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 5 s')))
    outgoing.on('error', (error) => settle({ status: 0, body: error.message }))
    outgoing.end(sent)
  })
}

/** The parsed object at a path, or `undefined` when it is not there. */
export async function read<T>(api: Api, path: string): Promise<T | undefined> {
  const { status, body } = await call(api, 'GET', path)
  return status === 200 ? (JSON.parse(body) as T) : undefined
}

/** Server-side apply of one object at its path. */
export async function apply(api: Api, collection: string, manifest: Manifest): Promise<void> {
  const path = `${collection}/${manifest.metadata.name}?fieldManager=test-cluster&force=true`
  const { status, body } = await call(api, 'PATCH', path, manifest, 'application/apply-patch+yaml')
  if (status !== 200 && status !== 201) {
    throw new ClusterError(
      `applying ${manifest.kind} ${manifest.metadata.name} was answered ${status}: ${body.slice(0, 500)}`,
    )
  }
}

/** Calls `changed` for every event of a collection from now on; returns when the connection ends. */
export function watch(
  { server, ca, cert, key }: Api,
  collection: string,
  changed: () => void,
): Promise<void> {
  return new Promise((settle) => {
    const url = `${server}${collection}?watch=1&timeoutSeconds=600`
    const outgoing = request(url, { ca, cert, key, agent: false }, (response) => {
      response.on('data', changed)
      response.on('close', settle)
    })
    outgoing.on('error', () => settle())
    outgoing.end()
  })
}
