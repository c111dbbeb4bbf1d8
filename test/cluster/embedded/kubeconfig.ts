/** A kubeconfig that holds its certificates itself, so that it can be copied anywhere. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Access {
  readonly cluster: string
  /** Where the API server answers: `https://address:port`. */
  readonly server: string
  /** Directory of `ca.crt` and of `<client>.crt` and `<client>.key`. */
  readonly certificates: string
  readonly client: string
}

export function writeKubeconfig(path: string, { cluster, server, certificates, client }: Access): void {
  mkdirSync(dirname(path), { recursive: true })
  const data = (file: string) => readFileSync(join(certificates, file)).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
    users: [
      {
        name: client,
        user: { 'client-certificate-data': data(`${client}.crt`), 'client-key-data': data(`${client}.key`) },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user: client } }],
    'current-context': cluster,
  }
  // JSON is YAML: every reader of kubeconfigs takes it.
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
}
