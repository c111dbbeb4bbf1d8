/**
 * The values of the tenant's Helm release, from class, plan, channel version and tenant. Pure, and without any
 * secret: the chart names Secrets only.
 */
import type { TenantChartValues } from '../../helm/tenant-chart-values.ts'
import { runtimeNames } from '../names.ts'
import type { Observation } from '../observation.ts'
import { isAway } from '../plan/away.ts'
import { annotationKeys } from './labels.ts'
import { podResources } from './resources.ts'

/** Values for `charts/odoo-tenant`, or undefined while what the tenant names is not all there. */
export function chartValues(observation: Observation, configDigest: string): TenantChartValues | undefined {
  const { tenant, settings, version, hosts } = observation
  const place = settings.class?.spec
  const plan = settings.plan?.spec
  if (!place || !plan || !version) return undefined
  const { namespace, name, uid } = tenant.metadata
  const tls = place.ingress?.tls
  return {
    tenant: { name, namespace: namespace ?? '', uid },
    image: version.image,
    series: version.series,
    config: { secretName: runtimeNames.configSecret, digest: configDigest },
    hosts: [...hosts],
    redirectHosts: [...(tenant.spec.redirectHosts ?? [])],
    ingress: {
      className: place.ingress?.className,
      annotations: place.ingress?.annotations ?? {},
      controllerNamespace: place.ingress?.controllerNamespace,
      tls: tls && {
        secretName: runtimeNames.certificate,
        issuer: tls.issuer ? { name: tls.issuer, kind: 'ClusterIssuer' } : undefined,
      },
    },
    web: {
      replicas: plan.web.replicas ?? 1,
      workers: plan.web.workers ?? 0,
      resources: podResources(plan.web.resources),
    },
    cron: { resources: podResources(plan.cron?.resources ?? plan.web.resources) },
    filestore: {
      size: String(plan.filestore.size),
      storageClassName: place.storage?.className,
      accessMode: place.storage?.accessMode ?? 'ReadWriteOnce',
    },
    suspended: (tenant.spec.suspended ?? false) || isAway(observation),
    operatorNamespace: observation.operatorNamespace,
    postgres: {
      port: place.postgres.port ?? 5432,
      namespace: place.postgres.namespace,
      cidr: place.postgres.cidr,
    },
    // A copy of another tenant calls nobody, until a person lets it.
    ...(tenant.metadata.annotations?.[annotationKeys.egress] === 'denied'
      ? { egress: { internet: false } }
      : {}),
    scheduling: {
      nodeSelector: place.scheduling?.nodeSelector ?? {},
      tolerations: place.scheduling?.tolerations ?? [],
    },
  }
}
