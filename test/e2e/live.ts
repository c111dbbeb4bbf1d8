/** What an open browser hears without asking: by a websocket since 16, by long polling up to 15. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, WebSocket } from 'undici'
import { odooSeries } from '../../demo/odoo-image.ts'
import type { Visitor } from './visitor.ts'

export interface Ear {
  /** Everything so far, as it came. */
  heard(): readonly string[]
  close(): Promise<void>
}

/** Resolves when the connection stands. `visitor` is logged in at `host`, and hears what Odoo tells its user. */
export function listen(port: number, host: string, visitor: Visitor): Promise<Ear> {
  return Number.parseInt(odooSeries, 10) >= 16 ? bySocket(port, host, visitor) : byPolling(visitor)
}

async function bySocket(port: number, host: string, visitor: Visitor): Promise<Ear> {
  const heard: string[] = []
  const dispatcher = new Agent({
    connect: { lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) },
  })
  const socket = new WebSocket(`ws://${host}:${port}/websocket`, {
    dispatcher,
    // Whoever comes from another page is nobody to Odoo.
    headers: { cookie: visitor.cookie(), origin: `http://${host}:${port}` },
  })
  socket.addEventListener('message', ({ data }) => heard.push(String(data)))
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', ({ message }) => reject(new Error(`websocket of ${host}: ${message}`)))
  })
  // As the web client does: Odoo adds the channels of the user.
  socket.send(JSON.stringify({ event_name: 'subscribe', data: { channels: [], last: 0 } }))
  return {
    heard: () => heard,
    close: async () => {
      socket.close()
      await dispatcher.destroy()
    },
  }
}

async function byPolling(visitor: Visitor): Promise<Ear> {
  const heard: string[] = []
  let open = true
  let last = 0
  const poll = async () => {
    const { result = [] } = await visitor.post<readonly { readonly id: number }[]>('/longpolling/poll', {
      channels: [],
      last,
      options: {},
    })
    for (const message of result) {
      heard.push(JSON.stringify(message))
      last = Math.max(last, message.id)
    }
  }
  // As a browser does, which asks again whatever came of it.
  const polling = async () => {
    while (open) await poll().catch(() => sleep(500))
  }
  void polling()
  return {
    heard: () => heard,
    close: async () => {
      open = false
    },
  }
}
