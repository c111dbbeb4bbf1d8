/**
 * Puts a real PostgreSQL 17 into the cluster, with a role for the operator that may create databases and roles and
 * is no superuser. Passwords are random, made once, and stand in Secrets only.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Kubectl } from './kubectl.ts'

export const databaseImage = 'docker.io/library/postgres:17'

/** The operator's namespace in the demo and in the stories. */
export const operatorNamespace = 'tenantops-system'

export async function installDatabase(kubectl: Kubectl): Promise<void> {
  await kubectl.apply(namespaces)
  if (!(await kubectl.get('secret', 'postgres-roles', '-n', 'databases'))) {
    await kubectl.apply(secrets(randomBytes(18).toString('base64url'), randomBytes(18).toString('base64url')))
  }
  await kubectl.applyPath(join(import.meta.dirname, 'database.yaml'))
}

export async function waitForDatabase(kubectl: Kubectl): Promise<void> {
  await kubectl.run('rollout', 'status', 'statefulset/postgres', '-n', 'databases', '--timeout=180s')
}

const namespaces = ['databases', operatorNamespace]
  .map((name) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    }),
  )
  .join('\n---\n')

function secrets(superuser: string, operator: string): string {
  const secret = (namespace: string, name: string, stringData: Record<string, string>) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData })
  const roles = `
    CREATE ROLE tenantops LOGIN CREATEDB CREATEROLE PASSWORD '${operator}';
    REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
    GRANT CONNECT ON DATABASE postgres TO tenantops;
  `
  return [
    secret('databases', 'postgres-superuser', { password: superuser }),
    // The last of the three: while it is missing, the next start makes all of them.
    secret(operatorNamespace, 'postgres-admin', { username: 'tenantops', password: operator }),
    secret('databases', 'postgres-roles', { 'roles.sql': roles }),
  ].join('\n---\n')
}
