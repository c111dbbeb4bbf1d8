/**
 * A real S3 server that a story may damage, empty, and BackupPolicy `nightly` that keeps points there. The program is this
 * machine's own, on the node by its path: the cluster of the stories runs here. Stories that harm nobody use the demo's.
 */
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { operatorNamespace } from '../../demo/database.ts'
import { ensureVersitygw } from '../cluster/binaries.ts'
import type { Story } from './story.ts'

/** Its namespace. The demo's own server, which other stories use, is not touched. */
export const storePlace = 'vault'
const port = 7070

/** Once per story: what an earlier one has stored is gone. */
export async function withStore(story: Story): Promise<void> {
  const program = await ensureVersitygw(console.log)
  await story.run('delete', 'namespace', storePlace, '--ignore-not-found', '--timeout=120s')
  const [accessKeyId, secretAccessKey, escrow] = [8, 20, 24].map((size) => randomBytes(size).toString('hex'))
  const secret = (namespace: string, name: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData,
  })
  const command = `mkdir -p /data/points && exec /program/versitygw --port 0.0.0.0:${port} --health /health --quiet --iam-cache-disable posix /data`
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: storePlace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    secret(storePlace, 's3', { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey }),
    secret(operatorNamespace, 'vault-store', { accessKeyId, secretAccessKey }),
    secret(operatorNamespace, 'vault-escrow', { password: escrow }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's3', namespace: storePlace },
      spec: { selector: { app: 's3' }, ports: [{ port, targetPort: port }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 's3', namespace: storePlace, labels: { app: 's3' } },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 's3',
            image: 'docker.io/library/postgres:17',
            command: ['sh', '-c', command],
            envFrom: [{ secretRef: { name: 's3' } }],
            readinessProbe: { httpGet: { path: '/health', port }, periodSeconds: 1 },
            volumeMounts: [
              { name: 'program', mountPath: '/program', readOnly: true },
              { name: 'data', mountPath: '/data' },
            ],
          },
        ],
        volumes: [
          { name: 'program', hostPath: { path: dirname(program) } },
          { name: 'data', emptyDir: {} },
        ],
      },
    },
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'BackupPolicy',
      metadata: { name: 'nightly' },
      spec: {
        schedule: '30 2 * * *',
        store: {
          s3: {
            endpoint: `http://s3.${storePlace}.svc:${port}`,
            bucket: 'points',
            credentialsSecret: 'vault-store',
          },
        },
        escrowSecret: 'vault-escrow',
        retention: { daily: 7 },
      },
    },
  ]
  await story.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  await story.run('wait', 'pod/s3', '-n', storePlace, '--for=condition=Ready', '--timeout=90s')
}
