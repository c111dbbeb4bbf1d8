/**
 * A fleet on one machine: how fast it is installed and changed, what each tenant costs, and that it costs nothing at
 * rest. The operator is the real one on a real control plane; pods are played by kwok, databases by a fake (or a real
 * server with `--postgres real`), and the login page is taken to answer.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { logTail } from '../test/cluster/processes.ts'
import { startProgress } from '../test/cluster/progress.ts'
import { openMeter, watchMemory } from './fleet/cost.ts'
import { type FleetFigures, judge, targets } from './fleet/figures.ts'
import { floor } from './fleet/floor.ts'
import { objectsOf } from './fleet/objects.ts'
import { bundleOperator, type OperatorSettings, startOperatorProcess } from './fleet/operator-process.ts'
import {
  editAllAtOnce,
  editOneByOne,
  type Fleet,
  install,
  rest,
  settled,
  untilAllObserved,
  watchFleet,
} from './fleet/phases.ts'
import { writeReport } from './fleet/report.ts'
import { openWorld } from './fleet/world.ts'
import type { Bench } from './main.ts'

const EDITS_PER_SECOND = 5

interface Options {
  readonly sizes: readonly number[]
  readonly shapes: readonly Shape[]
  readonly postgres: 'fake' | 'real'
  readonly atRest: number
  /** Also without an operator. */
  readonly floor: boolean
  /** Folder for CPU profiles of install and upgrade. */
  readonly profile: string | undefined
  /** Folder for tables and plots. */
  readonly report: string | undefined
}

/** With pods, or all suspended: everything but pods. */
type Shape = 'pods' | 'suspended'

export const fleet: Bench = {
  about: 'tenants a minute, requests, CPU and memory for 100 to 1,000 tenants; nothing at rest',
  run: async (log) => {
    const options = readOptions()
    const say = startProgress(log)
    const found: FleetFigures[] = []
    for (const shape of options.shapes) {
      for (const count of options.sizes) {
        const largest = count === Math.max(...options.sizes) && shape === options.shapes[0]
        found.push(await measure({ ...options, shape, count, atRest: largest ? options.atRest : 0 }, say))
        say(JSON.stringify(found.at(-1)))
      }
    }
    const missed = found.flatMap(judge)
    if (options.report !== undefined)
      say(`written to ${options.report}: ${writeReport(options.report, found).join(', ')}`)
    for (const miss of missed) say(`missed: ${miss}`)
    return { name: 'fleet', figures: { runs: found, missed }, targets, ok: missed.length === 0 }
  },
}

function readOptions(): Options {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      tenants: { type: 'string', default: '100' },
      shape: { type: 'string', default: 'pods,suspended' },
      postgres: { type: 'string', default: 'fake' },
      'at-rest': { type: 'string' },
      floor: { type: 'boolean', default: false },
      profile: { type: 'string' },
      report: { type: 'string' },
    },
  })
  const sizes = values.tenants.split(',').map(Number)
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new Error(`--tenants ${values.tenants}: give whole numbers joined by commas, such as 100,500,1000`)
  const shapes = values.shape.split(',').map((shape): Shape => {
    if (shape === 'pods' || shape === 'suspended') return shape
    throw new Error(`--shape ${values.shape}: give pods, suspended or both joined by a comma`)
  })
  const { postgres } = values
  if (postgres !== 'fake' && postgres !== 'real') throw new Error(`--postgres ${postgres}: give fake or real`)
  const atRest = Number(values['at-rest'] ?? (Math.max(...sizes) > 100 ? 600 : 60))
  return {
    sizes,
    shapes,
    postgres,
    atRest,
    floor: values.floor,
    profile: values.profile,
    report: values.report,
  }
}

interface Measurement extends Omit<Options, 'sizes' | 'shapes' | 'report'> {
  readonly shape: Shape
  readonly count: number
}

async function measure(
  { shape, count, postgres, atRest, floor: withFloor, profile }: Measurement,
  say: (line: string) => void,
): Promise<FleetFigures> {
  const log = (line: string) => say(`${count} ${shape}: ${line}`)
  const world = await openWorld({
    name: 'fleet',
    tenants: (withFloor ? 2 * count : count) + 10,
    postgres,
    log,
  })
  const undo: (() => Promise<unknown> | undefined)[] = [() => world.stop()]
  try {
    const { run } = world
    const bundle = await bundleOperator(run)
    const settings: OperatorSettings = {
      run,
      kubeconfig: world.operatorKubeconfig,
      postgresSocket: world.postgres.socket,
    }
    let operator = await startOperatorProcess(bundle, settings)
    undo.push(async () => {
      await operator.stop()
      await operator.group.remove()
    })
    const peak = watchMemory(operator)
    undo.push(async () => peak())
    await world.kubectl.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=120s')
    log('operator leads, template ready')
    const watched = await watchFleet(world)
    undo.push(
      async () => watched.tenants.close(),
      async () => watched.deployments.close(),
    )
    const meter = openMeter(world, () => operator)
    const fleet: Fleet = { world, count, suspended: shape === 'suspended', meter, log, ...watched }

    const profiled = async <T>(phase: string, work: () => Promise<T>): Promise<T> => {
      if (profile === undefined) return work()
      await operator.startProfile()
      const done = await work()
      writeFileSync(join(profile, `${phase}-${count}-${shape}.cpuprofile`), await operator.stopProfile())
      return done
    }
    const installed = await profiled('install', () => install(fleet))
    const objects = await objectsOf(world)
    const edited = await editOneByOne(fleet, EDITS_PER_SECOND)
    const upgraded = await profiled('upgrade', () => editAllAtOnce(fleet))
    const rested = atRest > 0 ? await rest(fleet, atRest) : undefined
    const memory = {
      ownPeak: operator.highWaterBytes(),
      withChildren: peak(),
      kernelPeak: operator.group.peakBytes(),
    }
    await operator.stop()
    operator = await startOperatorProcess(bundle, settings)
    const observed = await untilAllObserved(operator, count)
    log(`all observed ${observed.toFixed(1)} s after a restart`)
    await settled(fleet)
    await operator.stop()
    const alone = withFloor ? await floor(fleet) : undefined
    return {
      ...{ count, shape, postgres, objects, installed, edited, upgraded, rested, restart: observed, memory },
      floor: alone,
    }
  } catch (error) {
    log(logTail(world.run, 'operator', 5))
    log((await world.kubectl.try('get', 'odootenants', '-A')).stdout.slice(0, 2000))
    throw error
  } finally {
    for (const step of undo.reverse()) await step()
  }
}
