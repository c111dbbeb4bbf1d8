/**
 * Who a pod is to the API server: address and service account, as Kubernetes puts them into every pod. For programs
 * that run nowhere else and must be small: reading a kubeconfig takes client-node, most of such a program's memory.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from './credentials.ts'

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface Pod {
  readonly host: string
  readonly port: string
  /** Where the service account is mounted; default: where Kubernetes mounts it. */
  readonly folder?: string
}

/** The pod this process runs in, from its environment; undefined outside of a cluster. */
export function podOf(environment: Readonly<Record<string, string | undefined>>): Pod | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  return host && port ? { host, port } : undefined
}

/** Rejects when a file is missing: the pod was denied its token (automountServiceAccountToken). */
export async function readPodCredentials({ host, port, folder = mounted }: Pod): Promise<Credentials> {
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  // One after the other, so that it is the token which is missed.
  const token = await read('token')
  const ca = await read('ca.crt')
  const namespace = await read('namespace')
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    authorization: `Bearer ${token.trim()}`,
    tls: { ca },
    tlsDigest: createHash('sha256').update(ca).digest('hex'),
  }
}
