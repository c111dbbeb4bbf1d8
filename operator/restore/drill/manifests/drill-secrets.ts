/**
 * The two Secrets of a drill: what the agent needs (keys of the repository and the store, the password of the scratch
 * database), and Odoo's configuration, which has the password only. They go with the namespace. Pure.
 */
import type { TenantRestore } from '../../../api/v1alpha1/tenant-restore.ts'
import { type PointSecretContent, secretKeys } from '../../../backup/manifests/point-secret.ts'
import { odooConfig } from '../../../odoo/config.ts'
import { launcherFile, launcherSource } from '../../../odoo/launcher.ts'
import type { Manifest } from '../../../tenant/manifests/manifest.ts'
import { type DrillNames, scratchNames } from '../names.ts'
import type { Subject } from '../observation.ts'
import { drillLabels } from './scratch-namespace.ts'

type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full'

/** What was read and made for a drill; `ca` is PEM. */
export interface DrillSecretContent {
  readonly key: string
  readonly access: PointSecretContent
  readonly password: string
  /** For Odoo's database manager, which is switched off. */
  readonly managerPassword: string
  readonly ca: string | undefined
}

const verified = (sslMode: SslMode): boolean => sslMode === 'verify-ca' || sslMode === 'verify-full'

/** Keys of the Secrets by what mounts them. */
export const secretFiles = {
  keys: ['keys.key', 'keys.escrow'],
  database: (sslMode: SslMode): readonly string[] => [
    'database.password',
    ...(verified(sslMode) ? ['database.ca.crt'] : []),
  ],
  odoo: (sslMode: SslMode): readonly string[] => [
    'odoo.conf',
    launcherFile,
    ...(verified(sslMode) ? ['ca.crt'] : []),
  ],
} as const

export function drillSecrets(
  restore: TenantRestore,
  names: DrillNames,
  subject: Extract<Subject, { kind: 'ready' }>,
  content: DrillSecretContent,
): readonly Manifest[] {
  const { host, port = 5432, sslMode = 'verify-full' } = subject.class.spec.postgres
  const certificate = (key: string) => (content.ca === undefined ? {} : { [key]: content.ca })
  return [
    repositorySecret(restore, names, content, {
      'database.password': content.password,
      ...certificate('database.ca.crt'),
    }),
    secretOf(restore, names, scratchNames.odoo, {
      'odoo.conf': odooConfig({
        series: subject.version.series,
        dbHost: host,
        dbPort: port,
        dbUser: names.roles.login,
        dbPassword: content.password,
        dbName: names.database,
        dbSslMode: sslMode,
        dbMaxConn: 8,
        adminPasswd: content.managerPassword,
        workers: 0,
        maxCronThreads: 0,
      }),
      [launcherFile]: launcherSource,
      ...certificate('ca.crt'),
    }),
  ]
}

/** What opens the repository, and `more`. */
export function repositorySecret(
  restore: TenantRestore,
  names: DrillNames,
  { key, access }: Pick<DrillSecretContent, 'key' | 'access'>,
  more: Readonly<Record<string, string>>,
): Manifest {
  const { [secretKeys.escrow]: escrow = '', ...store } = access
  return secretOf(restore, names, scratchNames.secret, {
    'keys.key': key,
    'keys.escrow': escrow,
    ...store,
    ...more,
  })
}

function secretOf(
  restore: TenantRestore,
  { namespace }: DrillNames,
  name: string,
  stringData: object,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, namespace, labels: drillLabels(restore) },
    stringData,
  }
}
