/**
 * Holds chosen writes of the operator at the API server, so that a story can look at, or end, an operator that is
 * surely in the middle of something. The API server asks a webhook about each such write, and the webhook never
 * answers: the write hangs for half a minute and is then refused, until the pause ends.
 */
import type { Kubectl } from '../../demo/kubectl.ts'
import { odooImage } from '../../demo/odoo-image.ts'
import { waitFor } from '../cluster/wait.ts'

/** Which writes hang. */
export interface Held {
  readonly apiGroup: string
  /** Plural. */
  readonly resource: string
  readonly operation: 'CREATE' | 'UPDATE'
  readonly namespace: string
  /** `*`: of any name. */
  readonly name: string
}

/** Seconds a held write hangs: the longest that Kubernetes allows. */
const hangs = 30

/** Resolves when the writes are held, until `letWritesGo`. */
export async function holdWrites(kubectl: Kubectl, held: readonly Held[]): Promise<void> {
  // What an earlier pause left may still be leaving.
  await kubectl.run('delete', 'namespace', place, '--ignore-not-found', '--timeout=60s')
  await kubectl.apply(silence)
  await kubectl.run('wait', 'pod/silence', '-n', place, '--for=condition=Ready', '--timeout=60s')
  const hooks = [
    hook('probe', { ...probe, operation: 'CREATE' }, 1),
    ...held.map((each, index) => hook(`held-${index}`, each, hangs)),
  ]
  await kubectl.apply(
    JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: place },
      webhooks: hooks,
    }),
  )
  // The API server learns of the webhooks a moment later; a trial write tells when.
  await waitFor({ what: 'the API server to hold writes', seconds: 30 }, async () => {
    const args = ['create', 'configmap', probe.name, '-n', place, '--dry-run=server']
    const { stderr } = await kubectl.try(...args)
    return /probe\.pause\.tenantops\.io/.test(stderr)
  })
}

/** Lets held writes go, also those of a run that was cut off. */
export async function letWritesGo(kubectl: Kubectl): Promise<void> {
  await kubectl.run('delete', 'validatingwebhookconfiguration', place, '--ignore-not-found')
  await kubectl.run('delete', 'namespace', place, '--ignore-not-found', '--wait=false')
}

/** Name of the Secret that Helm will write for a revision of a release: `ahead` of the newest one there is now. */
export async function recordOfRevision(
  kubectl: Kubectl,
  release: { readonly runtime: string; readonly release: string; readonly ahead: number },
): Promise<string> {
  const records = await kubectl.get<{ items: { metadata: { name: string } }[] }>(
    'secrets',
    '-n',
    release.runtime,
    '-l',
    'owner=helm',
  )
  const newest = Math.max(
    ...(records?.items ?? []).map(({ metadata }) => Number(/\.v(\d+)$/.exec(metadata.name)?.[1])),
  )
  return `sh.helm.release.v1.${release.release}.v${newest + release.ahead}`
}

const place = 'paused'
const probe = { apiGroup: '', resource: 'configmaps', namespace: place, name: 'probe' }

function hook(name: string, held: Held, seconds: number) {
  return {
    name: `${name}.pause.tenantops.io`,
    clientConfig: { service: { name: 'silence', namespace: place, port: 443, path: '/' } },
    rules: [
      {
        apiGroups: [held.apiGroup],
        apiVersions: ['*'],
        resources: [held.resource],
        operations: [held.operation],
      },
    ],
    matchConditions: [
      { name: 'namespace', expression: `request.namespace == '${held.namespace}'` },
      ...(held.name === '*' ? [] : [{ name: 'name', expression: `request.name == '${held.name}'` }]),
    ],
    failurePolicy: 'Fail',
    timeoutSeconds: seconds,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  }
}

/** Takes every connection and never says a word. Odoo's image is on the node anyway, and has Python. */
const listener = `
import signal, socket
signal.signal(signal.SIGTERM, lambda *_: exit(0))
with socket.create_server(("", 8443), backlog=128) as server:
    taken = []
    while True:
        taken.append(server.accept())
`

const silence = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'silence', namespace: place },
    spec: { selector: { app: 'silence' }, ports: [{ port: 443, targetPort: 8443 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'silence', namespace: place, labels: { app: 'silence' } },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'silence',
          image: odooImage,
          command: ['python3', '-c', listener],
          readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
        },
      ],
    },
  },
]
  .map((object) => JSON.stringify(object))
  .join('\n---\n')
