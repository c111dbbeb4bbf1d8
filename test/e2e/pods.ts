/** Pods for tests of the network: they listen, or try to connect as their first act. Their image is Odoo's, for Python. */
import { odooImage } from '../../demo/odoo-image.ts'
import { connecting, type Target } from './reach.ts'

const image = odooImage

interface PodOptions {
  readonly namespace: string
  readonly name: string
}

/** Listens at all its addresses and is ready when the kubelet reaches it: `http` is 8000, `other` 8001. */
export const listeningPod = ({ namespace, name }: PodOptions): object =>
  pod({ namespace, name }, ['python3', '-c', listening, '0.0.0.0:8000', '0.0.0.0:8001'], {
    ports: [
      { name: 'http', containerPort: 8000 },
      { name: 'other', containerPort: 8001 },
    ],
    readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 },
  })

/** Uses the node's network and listens at some of its addresses, `address:port`. */
export const nodePod = (options: PodOptions, listenAt: readonly string[]): object =>
  pod(
    options,
    ['python3', '-c', listening, ...listenAt],
    { securityContext: { runAsUser: 0 } },
    { hostNetwork: true },
  )

/** Tries to connect at once, and ends; its log says what came of it. */
export const eagerPod = (options: PodOptions, targets: Readonly<Record<string, Target>>): object =>
  pod(options, ['python3', '-c', connecting, JSON.stringify(targets)], {}, { restartPolicy: 'Never' })

function pod(
  { namespace, name }: PodOptions,
  command: readonly string[],
  container: object,
  spec: object = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image, command, ...container }],
      ...spec,
    },
  }
}

const listening = `
import socketserver, sys, threading


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


for place in sys.argv[1:]:
    host, port = place.split(":")
    threading.Thread(target=Server((host, int(port)), socketserver.BaseRequestHandler).serve_forever).start()
`
