/**
 * The tenants that a plan is asked for: one that is there, or those of a manifest. The manifest of a tenant that is
 * there replaces its spec in a dry run of the API server, so it is defaulted and refused as `kubectl apply` would; that
 * of a new one is read by the schema alone, for the operator may create none. Throws an Error with one sentence.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { type OdooTenant, odooTenantKind } from './api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from './kube/client.ts'
import { apiVersionOf, kinds } from './kube/kinds.ts'
import { type KubeObject, keyOf } from './kube/object.ts'
import type { Caches } from './tenant/caches.ts'

type Known = Pick<Caches['tenants'], 'get'>

/** The tenant that is there. */
export function liveTenant(
  tenants: Known,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): OdooTenant {
  const tenant = tenants.get(keyOf({ namespace, name }))
  if (tenant) return tenant
  throw new Error(
    `OdooTenant ${namespace}/${name} does not exist; name another, or give a manifest with -f (\`kubectl get odootenants -A\` lists what is there)`,
  )
}

/** The tenants of a manifest, as they would be stored. `-` is standard input. */
export function appliedTenants(
  client: KubeClient,
  tenants: Known,
  file: string,
  namespace: string,
): Promise<readonly OdooTenant[]> {
  return Promise.all(
    readTenants(file).map((manifest) =>
      asApplied(client, tenants, {
        ...manifest,
        metadata: { ...manifest.metadata, namespace: manifest.metadata.namespace ?? namespace },
      }),
    ),
  )
}

/** The OdooTenants of a file; other kinds in it are left out, since they would be applied by others. */
function readTenants(file: string): readonly KubeObject[] {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8')
  const objects = parseAllDocuments(text).map((document): unknown => {
    const [error] = document.errors
    if (error) throw new Error(`${file} is not YAML: ${error.message.split('\n')[0]}`)
    return document.toJS()
  })
  const tenants = objects.filter(isTenant)
  if (tenants.length === 0)
    throw new Error(`${file} holds no object of kind OdooTenant (${apiVersionOf(kinds.OdooTenant)})`)
  return tenants
}

function isTenant(object: unknown): object is KubeObject {
  const { apiVersion, kind } = (object ?? {}) as Partial<KubeObject>
  return kind === kinds.OdooTenant.kind && apiVersion === apiVersionOf(kinds.OdooTenant)
}

/** The tenant as it would be stored. */
async function asApplied(
  client: KubeClient,
  tenants: Known,
  manifest: KubeObject & { readonly spec?: unknown },
): Promise<OdooTenant> {
  const { apiVersion, kind, metadata, spec } = manifest
  const { name, namespace = '' } = metadata
  if (tenants.get(keyOf(metadata))) {
    const body = [
      { op: 'replace', path: '/spec', value: spec },
      ...(metadata.annotations
        ? [{ op: 'add', path: '/metadata/annotations', value: metadata.annotations }]
        : []),
    ]
    return client.patch(kinds.OdooTenant, { namespace, name }, { type: 'json', body }, { dryRun: true })
  }
  const read = odooTenantKind.spec.safeParse(spec)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Error(`OdooTenant ${namespace}/${name}: spec.${issue?.path.join('.')}: ${issue?.message}`)
  }
  const stored = {
    name,
    namespace,
    uid: randomUUID(),
    generation: 1,
    resourceVersion: '',
    creationTimestamp: '',
  }
  return { apiVersion, kind, metadata: { ...metadata, ...stored }, spec: read.data } as OdooTenant
}
