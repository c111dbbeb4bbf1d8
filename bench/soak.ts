/**
 * Hours in minutes: tenants are edited without pause, and the operator's memory, handles, timers and requests are read
 * every few seconds. What grows in the second half of the time is a leak.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startProgress } from '../test/cluster/progress.ts'
import { openMeter } from './fleet/cost.ts'
import { bundleOperator, type OperatorProcess, startOperatorProcess } from './fleet/operator-process.ts'
import { type Fleet, install, setPlan, settled, watchFleet } from './fleet/phases.ts'
import { total } from './fleet/requests.ts'
import { tenantName } from './fleet/tenants.ts'
import { openWorld } from './fleet/world.ts'
import { flat, growthOf, type Measured, steeper } from './growth.ts'
import type { Bench } from './main.ts'
import { svgPlot } from './plot.ts'
import { quantile } from './statistics.ts'

const SAMPLE_MS = 5_000
const MiB = 2 ** 20

interface Sample extends Readonly<Record<Measured, number>> {
  readonly minute: number
}

export const soak: Bench = {
  about: '20 edits a second over 1,000 tenants for 10 minutes: memory, handles, timers, requests flat',
  run: async (log) => {
    const { values } = parseArgs({
      args: process.argv.slice(3),
      options: {
        minutes: { type: 'string', default: '10' },
        objects: { type: 'string', default: '1000' },
        rate: { type: 'string', default: '20' },
        plot: { type: 'string' },
      },
    })
    const [minutes, count, rate] = [values.minutes, values.objects, values.rate].map(Number)
    if (!minutes || !count || !rate)
      throw new Error('--minutes, --objects and --rate take numbers above zero')
    const say = startProgress(log)
    const samples = await churn({ minutes, count, rate }, say)
    const growth = growthOf(samples)
    const missed = steeper(growth)
    for (const sentence of missed) say(sentence)
    if (values.plot) {
      writeFileSync(values.plot, plotOf(samples))
      say(`plot written to ${values.plot}`)
    }
    return {
      name: 'soak',
      figures: {
        minutes,
        objects: count,
        editsPerSecond: rate,
        growth,
        samples: samples.length,
        last: samples.at(-1),
      },
      targets: flat,
      ok: missed.length === 0,
    }
  },
}

interface Churn {
  readonly minutes: number
  readonly count: number
  readonly rate: number
}

/** Suspended tenants: an edit is then the operator's and the API server's work, and nobody's pods roll. */
async function churn(
  { minutes, count, rate }: Churn,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const world = await openWorld({ name: 'soak', tenants: count + 10, postgres: 'fake', log: say })
  const undo: (() => Promise<unknown>)[] = [() => world.stop()]
  try {
    const bundle = await bundleOperator(world.run)
    const operator = await startOperatorProcess(bundle, {
      run: world.run,
      kubeconfig: world.operatorKubeconfig,
      postgresSocket: world.postgres.socket,
    })
    undo.push(async () => {
      await operator.stop()
      await operator.group.remove()
    })
    await world.kubectl.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=120s')
    const watched = await watchFleet(world)
    undo.push(async () => {
      watched.tenants.close()
      watched.deployments.close()
    })
    const fleet: Fleet = {
      ...{ world, count, suspended: true, log: say, ...watched },
      meter: openMeter(world, () => operator),
    }
    await install(fleet)

    const stop = new AbortController()
    const edits = edit(fleet, rate, stop.signal)
    const samples: Sample[] = []
    const began = performance.now()
    let before = total((await operator.gauge()).requests)
    let at = began
    while (performance.now() - began < minutes * 60_000) {
      await sleep(SAMPLE_MS)
      const now = performance.now()
      const read = await sample(operator)
      const requestsPerMinute = ((read.sent - before) / (now - at)) * 60_000
      before = read.sent
      at = now
      samples.push({ ...read.sample, minute: (now - began) / 60_000, requestsPerMinute })
      if (samples.length % 6 === 0) say(JSON.stringify(samples.at(-1)))
    }
    stop.abort()
    say(`${await edits} edits made`)
    await settled(fleet)
    return samples
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

/** Answers how many edits were made. A slow server makes edits late, never more at once than it takes. */
async function edit({ world, count }: Fleet, rate: number, signal: AbortSignal): Promise<number> {
  const began = performance.now()
  let made = 0
  const worker = async () => {
    while (!signal.aborted) {
      const n = made
      made += 1
      await sleep(Math.max(0, began + (n * 1000) / rate - performance.now()))
      const plan = Math.floor(n / count) % 2 === 0 ? 'large' : 'small'
      await setPlan(world, tenantName((n % count) + 1), plan)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return made
}

async function sample(operator: OperatorProcess) {
  const { requests, resources, heapUsed } = await operator.gauge()
  const of = (pattern: RegExp) => total(resources, (name) => pattern.test(name))
  return {
    sent: total(requests),
    sample: {
      residentMiB: operator.group.residentBytes() / MiB,
      heapMiB: heapUsed / MiB,
      descriptors: operator.descriptors(),
      sockets: of(/^(TCP|TLS)/),
      timers: of(/^Timeout/),
    },
  }
}

/** Each relative to its median, so that all fit one picture. */
function plotOf(samples: readonly Sample[]): string {
  const series = (['residentMiB', 'heapMiB', 'descriptors', 'requestsPerMinute'] as const).map((what) => {
    const middle = quantile(
      samples.map((each) => each[what]),
      0.5,
    )
    return {
      name: `${what} (${middle.toFixed(0)})`,
      points: samples.map((each) => [each.minute, each[what] / middle] as const),
    }
  })
  return svgPlot({
    title: 'Soak: edits without pause',
    x: 'minutes',
    y: 'parts of the median, which stands in brackets',
    series,
  })
}
