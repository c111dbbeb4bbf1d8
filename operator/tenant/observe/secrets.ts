/** A tenant's Secrets and certificate as their metadata tells; no content is ever read here. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import type { Caches } from '../caches.ts'
import { annotationKeys, labelKeys } from '../manifests/labels.ts'
import { adminSecretName, runtimeNames } from '../names.ts'
import type { CertificateFacts, SecretFacts, SecretsFacts } from '../observation.ts'

export function secretsOf(caches: Caches, tenant: OdooTenant, namespace: string): SecretsFacts {
  const facts = (key: string): SecretFacts | undefined => {
    const secret = caches.secrets.get(key)
    if (!secret || secret.metadata.labels?.[labelKeys.tenantUid] !== tenant.metadata.uid) return undefined
    const annotations = secret.metadata.annotations ?? {}
    return {
      uid: secret.metadata.uid ?? '',
      serial: annotations[annotationKeys.serial],
      digest: annotations[annotationKeys.digest],
      rotation: annotations[annotationKeys.rotation],
    }
  }
  return {
    admin: facts(`${tenant.metadata.namespace}/${adminSecretName(tenant.metadata.name)}`),
    database: facts(`${namespace}/${runtimeNames.databaseSecret}`),
    config: facts(`${namespace}/${runtimeNames.configSecret}`),
  }
}

/** The certificate that the class names for all its tenants, and whether this one has its newest version. */
export function certificateOf(
  { caches, operatorNamespace }: { readonly caches: Caches; readonly operatorNamespace: string },
  tenantClass: TenantClass | undefined,
  namespace: string,
): CertificateFacts {
  const secret = tenantClass?.spec.ingress?.tls?.secret
  if (secret === undefined) return { kind: 'none' }
  const version = caches.home.get(`${operatorNamespace}/${secret}`)?.metadata.resourceVersion
  if (version === undefined) return { kind: 'missing', secret }
  const copy = caches.secrets.get(`${namespace}/${runtimeNames.certificate}`)
  return {
    kind: 'present',
    secret,
    version,
    copied: copy?.metadata.annotations?.[annotationKeys.digest] === version,
  }
}
