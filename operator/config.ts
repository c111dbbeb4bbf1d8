/**
 * The operator's settings, read once from the environment at start. Nothing else in `operator/` reads the
 * environment. A setting that cannot be used ends the process with one sentence that names it.
 */
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65535)
const places = z.coerce.number().int().min(1).max(10_000)
const workers = z.coerce.number().int().min(1).max(64)

const Environment = z.object({
  /** Namespace the operator runs in: its Lease, its Jobs, and every Secret a cluster-scoped kind names. */
  TENANTOPS_NAMESPACE: z.string().min(1).default('tenantops-system'),
  /** Image of this operator; the agent of template Jobs runs from it. */
  TENANTOPS_IMAGE: z.string().min(1).default('docker.io/tenantops/operator:dev'),
  /** Identity in the Lease; the pod's name. */
  TENANTOPS_IDENTITY: z.string().min(1).optional(),
  /** Port of /healthz, /readyz and /metrics. */
  TENANTOPS_HTTP_PORT: port.default(8080),
  TENANTOPS_TENANT_WORKERS: workers.default(8),
  /** Between the announcement that retained data ends and its end; a day unless somebody says otherwise. */
  TENANTOPS_RETENTION_NOTICE_SECONDS: z.coerce.number().int().min(1).default(86_400),
  /** Backups and restores at the same time: of all tenants, and on one node. */
  TENANTOPS_BACKUPS: places.default(20),
  TENANTOPS_BACKUPS_PER_NODE: places.default(4),
  TENANTOPS_HELM: z.string().min(1).default('/usr/local/bin/helm'),
  /** Renders every release; without it the helm program above does, at ten times the cost. */
  TENANTOPS_HELM_ENGINE: z.string().min(1).default('/usr/local/bin/helm-engine'),
  TENANTOPS_CHARTS: z.string().min(1).default('/app/charts'),
  TENANTOPS_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** Every setting of the operator. Ports are TCP ports, paths are absolute, times are milliseconds. */
export interface Config {
  readonly namespace: string
  readonly image: string
  readonly identity: string
  readonly httpPort: number
  readonly tenantWorkers: number
  readonly retentionNotice: number
  readonly backups: { readonly fleet: number; readonly node: number }
  readonly helm: string
  readonly helmEngine: string
  readonly charts: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** Reads the settings. Throws an Error whose message names the first variable that cannot be used. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  fallbackIdentity: string,
): Config {
  const parsed = Environment.safeParse(environment)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Error(
      `setting ${issue?.path.join('.') ?? 'unknown'} cannot be used: ${issue?.message ?? 'invalid'}; correct the environment variable`,
    )
  }
  const e = parsed.data
  return {
    namespace: e.TENANTOPS_NAMESPACE,
    image: e.TENANTOPS_IMAGE,
    identity: e.TENANTOPS_IDENTITY ?? fallbackIdentity,
    httpPort: e.TENANTOPS_HTTP_PORT,
    tenantWorkers: e.TENANTOPS_TENANT_WORKERS,
    retentionNotice: e.TENANTOPS_RETENTION_NOTICE_SECONDS * 1000,
    backups: { fleet: e.TENANTOPS_BACKUPS, node: e.TENANTOPS_BACKUPS_PER_NODE },
    helm: e.TENANTOPS_HELM,
    helmEngine: e.TENANTOPS_HELM_ENGINE,
    charts: e.TENANTOPS_CHARTS,
    logLevel: e.TENANTOPS_LOG_LEVEL,
  }
}
