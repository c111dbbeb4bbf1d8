/**
 * A real REST server of restic as examples/stores describes it: one address that takes in and gives out, another one that may
 * remove, each with its own user. The program is this machine's own, on the node by its path, as the other store's.
 */
import { createHash, randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { operatorNamespace } from '../../demo/database.ts'
import { ensureRestServer } from '../cluster/binaries.ts'
import type { Story } from './story.ts'

const place = 'rest-store'
const ports = { writer: 8000, pruner: 8001 } as const
const names = ['writer', 'pruner'] as const

/** Brings BackupPolicy `on-rest-server` and what it names. */
export async function withRestServer(story: Story): Promise<void> {
  const program = await ensureRestServer(console.log)
  await story.run('delete', 'namespace', place, '--ignore-not-found', '--timeout=120s')
  const passwords = { writer: randomBytes(20).toString('hex'), pruner: randomBytes(20).toString('hex') }
  const line = (name: (typeof names)[number]) =>
    `${name}:{SHA}${createHash('sha1').update(passwords[name]).digest('base64')}\n`
  const secret = (namespace: string, name: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData,
  })
  const container = (name: (typeof names)[number]) => ({
    name,
    image: 'docker.io/library/postgres:17',
    imagePullPolicy: 'IfNotPresent',
    command: [
      ...['/program/rest-server', '--path', '/data', '--listen', `:${ports[name]}`],
      ...['--htpasswd-file', `/users/${name}s`],
      ...(name === 'writer' ? ['--append-only'] : []),
    ],
    readinessProbe: { tcpSocket: { port: ports[name] }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'program', mountPath: '/program', readOnly: true },
      { name: 'users', mountPath: '/users', readOnly: true },
      { name: 'data', mountPath: '/data' },
    ],
  })
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: place, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    secret(place, 'users', { writers: line('writer'), pruners: line('pruner') }),
    ...names.map((name) =>
      secret(operatorNamespace, `rest-${name}`, { username: name, password: passwords[name] }),
    ),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'rest', namespace: place },
      spec: {
        selector: { app: 'rest' },
        ports: names.map((name) => ({ name, port: ports[name] })),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'rest', namespace: place, labels: { app: 'rest' } },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        containers: names.map(container),
        volumes: [
          { name: 'program', hostPath: { path: dirname(program) } },
          { name: 'users', secret: { secretName: 'users' } },
          { name: 'data', emptyDir: {} },
        ],
      },
    },
  ]
  await story.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  await story.example('stores', '20-on-rest-server.yaml')
  await story.run('wait', 'pod/rest', '-n', place, '--for=condition=Ready', '--timeout=90s')
}
