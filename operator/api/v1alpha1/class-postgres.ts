/** The PostgreSQL server of a TenantClass: where it is, who the operator is there, how it is known to be the right one. */
import { z } from 'zod'
import { cel } from '../cel.ts'
import { objectName, secretName } from '../names.ts'
import { portNumber } from '../port.ts'

export const postgresSchema = cel(
  z.object({
    host: cel(z.string().max(253), {
      rule: "self.matches('^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$') || isIP(self)",
      message:
        'spec.postgres.host must be the host name or IP address of the PostgreSQL server, without port: write it like postgres.databases.svc.',
    }).describe('Host name or IP address of the server, as pods reach it.'),
    port: portNumber('spec.postgres.port').describe('Port of the server. Default: 5432.').optional(),
    adminSecret: secretName(
      'spec.postgres.adminSecret',
      'username and password of a role that may create databases and roles',
    ),
    database: z
      .string()
      .min(1)
      .max(63)
      .describe('Maintenance database the operator connects to. Default: postgres.')
      .optional(),
    sslMode: z
      .enum(['disable', 'require', 'verify-ca', 'verify-full'])
      .describe('TLS to the server, in the words of libpq. Default: verify-full, which needs caSecret.')
      .optional(),
    namespace: objectName('spec.postgres.namespace', 'the namespace of the server')
      .describe(
        "Namespace of the server's pods, when it runs in this cluster: tenants may then reach no other namespace on its port.",
      )
      .optional(),
    cidr: cel(z.string().max(64), {
      rule: 'isCIDR(self)',
      message: 'spec.postgres.cidr must be a network in CIDR form: write it like 10.20.0.0/24.',
    })
      .describe('Network of the server, when it runs elsewhere: tenants may then reach no other on its port.')
      .optional(),
    concurrentBackups: cel(z.int().meta({ minimum: undefined, maximum: undefined }), {
      rule: 'self >= 1 && self <= 1000',
      message: 'spec.postgres.concurrentBackups must be from 1 to 1000.',
    })
      .describe('Backups at the same time on this server, of all policies and classes. Default: 4.')
      .optional(),
    caSecret: secretName(
      'spec.postgres.caSecret',
      "the server's CA certificate under the key ca.crt",
    ).optional(),
  }),
  {
    rule: "has(self.caSecret) || (has(self.sslMode) && self.sslMode in ['disable', 'require'])",
    message:
      'spec.postgres.caSecret is needed to verify the server: name a Secret with the key ca.crt, or set sslMode to require (encrypted, not verified) or disable.',
    fieldPath: '.caSecret',
    reason: 'FieldValueRequired',
  },
)
