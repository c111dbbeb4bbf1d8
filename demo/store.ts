/**
 * Puts a real S3 server into the cluster, for backups: one pod on the cluster's own storage with one bucket. Its
 * credentials and the escrow key are random, made once, and stand in Secrets only.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { versitygw } from '../test/cluster/images/versitygw.ts'
import { operatorNamespace } from './database.ts'
import type { Kubectl } from './kubectl.ts'

export const storeImage = versitygw.name

/** Namespace of the S3 server in the demo and in the stories. */
const storeNamespace = 'store'

export async function installStore(kubectl: Kubectl): Promise<void> {
  await kubectl.apply(namespaces)
  if (!(await kubectl.get('secret', 's3-root', '-n', storeNamespace)))
    await kubectl.apply(secrets(randomBytes(10).toString('hex'), randomBytes(20).toString('hex')))
  await kubectl.applyPath(join(import.meta.dirname, 'store.yaml'))
}

export async function waitForStore(kubectl: Kubectl): Promise<void> {
  await kubectl.run('rollout', 'status', 'statefulset/s3', '-n', storeNamespace, '--timeout=180s')
}

const namespaces = [storeNamespace, operatorNamespace]
  .map((name) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    }),
  )
  .join('\n---\n')

function secrets(accessKeyId: string, secretAccessKey: string): string {
  const secret = (namespace: string, name: string, stringData: Record<string, string>) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData })
  return [
    secret(operatorNamespace, 'backup-store', { accessKeyId, secretAccessKey }),
    secret(operatorNamespace, 'backup-escrow', { password: randomBytes(32).toString('base64url') }),
    // The last of the three: while it is missing, the next start makes all of them.
    secret(storeNamespace, 's3-root', { accessKeyId, secretAccessKey }),
  ].join('\n---\n')
}
