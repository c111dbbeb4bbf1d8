/**
 * A mail server that takes everything and delivers nothing: a pod that counts what came, for stories about who sends mail.
 * Its image is Odoo's, for Python. What it got is read over HTTP, through the API server.
 */
import { odooImage } from '../../demo/odoo-image.ts'
import type { Story } from './story.ts'

export interface Trapped {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
}

export interface SmtpTrap {
  /** As Odoo's outgoing mail server names it. */
  readonly host: string
  readonly port: number
  /** What came so far. */
  mails(): Promise<readonly Trapped[]>
  /** Lets the pods of Odoo in a runtime namespace reach it: so that silence is not the network's doing. */
  openTo(runtime: string): Promise<void>
}

const name = 'smtp-trap'
const port = 1025

export async function withSmtpTrap(story: Story, namespace: string): Promise<SmtpTrap> {
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        selector: { app: name },
        ports: [
          { name: 'smtp', port },
          { name: 'http', port: 8000 },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [
          {
            name,
            image: odooImage,
            command: ['python3', '-c', trapping],
            readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
          },
        ],
      },
    },
  ]
  await story.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  await story.run('wait', `pod/${name}`, '-n', namespace, '--for=condition=Ready', '--timeout=60s')
  const url = `/api/v1/namespaces/${namespace}/services/${name}:http/proxy/`
  return {
    host: `${name}.${namespace}.svc`,
    port,
    mails: async () => JSON.parse(await story.run('get', '--raw', url)) as readonly Trapped[],
    openTo: async (runtime) => {
      await story.apply(
        JSON.stringify({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name, namespace: runtime },
          spec: {
            podSelector: {},
            policyTypes: ['Egress'],
            egress: [
              {
                ports: [{ port, protocol: 'TCP' }],
                to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
              },
            ],
          },
        }),
      )
    },
  }
}

const trapping = `
import asyncore, email, email.header, http.server, json, smtpd, threading

mails = []


class Trap(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **options):
        subject = str(email.header.make_header(email.header.decode_header(email.message_from_bytes(data)["Subject"] or "")))
        mails.append({"from": mailfrom, "to": rcpttos, "subject": subject})


class Count(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(mails).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *line):
        pass


Trap(("0.0.0.0", ${port}), None)
threading.Thread(target=http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Count).serve_forever, daemon=True).start()
asyncore.loop()
`
