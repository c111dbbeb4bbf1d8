/** Worker processes, as larger tenants have them: what one writes appears with the others at once, and they reload nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { odooSeries } from '../../demo/odoo-image.ts'
import { type Ear, listen } from './live.ts'
import { begin, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'newsrooms'
const gazette = { namespace, name: 'gazette' }
const host = 'gazette.localhost'
const channels = Number.parseInt(odooSeries, 10) >= 17 ? 'discuss.channel' : 'mail.channel'

describe('a tenant with worker processes', () => {
  let story: Story
  let runtime: string
  let writer: Visitor
  let reader: Visitor
  let ear: Ear | undefined

  const browser = async () => {
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', await story.secret(namespace, 'gazette-admin', 'password'))).toBe(
      true,
    )
    return visitor
  }
  /** Written by one browser, and how long it took to the other, in seconds. */
  const told = async (text: string) => {
    const [channel] = await writer.call<number[]>(channels, 'search', [[['name', '=', 'general']]])
    const began = performance.now()
    await writer.call(channels, 'message_post', [[channel]], {
      body: text,
      message_type: 'comment',
      subtype_xmlid: 'mail.mt_comment',
    })
    await eventually(`"${text}" to be heard`, 30, async () =>
      ear?.heard().some((each) => each.includes(text)),
    )
    return (performance.now() - began) / 1000
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('live-messages', '10-tenant.yaml')
    runtime = runtimeOf(await story.ready(gazette))
    ;[writer, reader] = [await browser(), await browser()]
    ear = await listen(story.port, host, reader)
  })
  afterAll(async () => {
    await ear?.close()
    await end(story, namespace)
  })

  it('runs two workers and a process for live connections beside them', async () => {
    const list = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done`
    const seen = await story.run(
      'exec',
      '-n',
      runtime,
      'deploy/odoo-web',
      '-c',
      'odoo',
      '--',
      'sh',
      '-c',
      list,
    )
    const processes = seen.split('\n').filter((line) => /odoo/.test(line) && !line.includes('/proc/'))
    expect(processes.filter((line) => / gevent /.test(line))).toHaveLength(1)
    // The master, and two that it has forked.
    expect(processes.filter((line) => !/ gevent /.test(line))).toHaveLength(3)
  })

  it('shows a message to who has the page open', async () => {
    console.log(`a message was heard after ${(await told('The printer is out of paper')).toFixed(2)} s`)
  })

  it('does so for who comes back after the pod was replaced', async () => {
    const before = ear?.heard().length ?? 0
    await story.run('rollout', 'restart', 'deploy/odoo-web', '-n', runtime)
    await story.run('rollout', 'status', 'deploy/odoo-web', '-n', runtime, '--timeout=180s')
    await ear?.close()
    // As a browser does: it tries again until somebody answers.
    ear = await eventually('the connection to stand again', 60, () =>
      listen(story.port, host, reader).catch(() => undefined),
    )
    await told('Paper has come')
    expect(before).toBeGreaterThan(0)
  })
})
