/** What the CNI plugin says to the enforcer: a line of words and the JSON of its standard input, answered in JSON. */
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'

/** In the cell's own /run; plugin.sh names it too. */
const socket = '/run/tenantops-policy.sock'

export interface Attachment {
  /** The container that holds the pod's network. */
  readonly sandbox: string
  /** Of the pod. */
  readonly namespace: string
  readonly uid: string
  readonly address: string
}

export interface AttachmentHandler {
  /** The pod may start when this resolves; it does not when this rejects. */
  added(attachment: Attachment): Promise<void>
  removed(sandbox: string): void
}

interface Request {
  readonly command: string
  readonly sandbox: string
  readonly namespace: string
  readonly uid: string
  readonly previous: { readonly ips?: readonly { readonly address: string }[] } | undefined
}

/** Resolves when pods can come. */
export function serveAttachments(handler: AttachmentHandler): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    let text = ''
    connection.on('error', (error) => console.error(error))
    connection.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    connection.on('end', () => {
      answer(parseRequest(text), handler).then(
        (said) => connection.end(said),
        (error: unknown) => connection.end(failure(error)),
      )
    })
  })
  rmSync(socket, { force: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
}

async function answer(request: Request, handler: AttachmentHandler): Promise<string> {
  const { command, sandbox, namespace, uid, previous } = request
  if (command === 'DEL') handler.removed(sandbox)
  if (command !== 'ADD') return '{}'
  const address = previous?.ips?.[0]?.address.split('/')[0]
  if (address === undefined) throw new Error('no plugin before this one has given the pod an address')
  if (uid === '') throw new Error('the container runtime does not say which pod this is (K8S_POD_UID)')
  await handler.added({ sandbox, namespace, uid, address })
  return JSON.stringify(previous)
}

export function parseRequest(text: string): Request {
  const end = text.indexOf('\n')
  const [command = '', sandbox = '', args = ''] = text.slice(0, end).split(' ')
  const words = new Map(args.split(';').map((pair) => pair.split('=') as [string, string]))
  const config = JSON.parse(text.slice(end + 1)) as { prevResult?: Request['previous'] }
  return {
    command,
    sandbox,
    namespace: words.get('K8S_POD_NAMESPACE') ?? '',
    uid: words.get('K8S_POD_UID') ?? '',
    previous: config.prevResult,
  }
}

function failure(error: unknown): string {
  console.error(error)
  return JSON.stringify({ cniVersion: '0.4.0', code: 100, msg: String(error) })
}
