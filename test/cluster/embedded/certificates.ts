/**
 * The certificates of one cluster: a CA of its own, one leaf per component, and the service-account key pair. The
 * leaves have elliptic keys: those are made in 10 ms, RSA ones in 300.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../command.ts'

/** A client of the API server: the common name is its user, the organization its group. */
export interface ClientCertificate {
  readonly user: string
  readonly group?: string
}

const days = '3650'

/** Makes `ca`, `apiserver`, `sa` and one pair per client in `directory`: `<name>.crt` and `<name>.key`. */
export async function makeCertificates(
  directory: string,
  serverAddresses: readonly string[],
  clients: Readonly<Record<string, ClientCertificate>>,
): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = (file: string) => join(directory, file)
  await Promise.all([
    command('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-noenc',
        '-days',
        days,
        '-subj',
        '/CN=tenantops-cluster-ca',
      ],
      ...['-keyout', path('ca.key'), '-out', path('ca.crt')],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'],
    ]),
    command('openssl', ['genrsa', '-out', path('sa.key'), '2048']),
  ])
  const leaf = (name: string, subject: string, extensions: readonly string[]) =>
    command('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-noenc',
        '-days',
        days,
        '-subj',
        subject,
      ],
      ...['-CA', path('ca.crt'), '-CAkey', path('ca.key')],
      ...['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)],
      ...[
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature,keyEncipherment',
        ...extensions,
      ].flatMap((extension) => ['-addext', extension]),
    ])
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ]
  const alternatives = [
    ...names.map((name) => `DNS:${name}`),
    ...serverAddresses.map((address) => `IP:${address}`),
  ]
  await Promise.all([
    command('openssl', ['rsa', '-in', path('sa.key'), '-pubout', '-out', path('sa.pub')]),
    leaf('apiserver', '/CN=kube-apiserver', [
      'extendedKeyUsage=serverAuth',
      `subjectAltName=${alternatives.join(',')}`,
    ]),
    ...Object.entries(clients).map(([name, { user, group }]) =>
      leaf(name, `${group === undefined ? '' : `/O=${group}`}/CN=${user}`, ['extendedKeyUsage=clientAuth']),
    ),
  ])
}
