/**
 * Runs every check of the project, fastest first, and ends with the failures and one line that adds them up. Slow builds
 * (Kubernetes, images) begin in the background at once, so that they cost little beside the fast tests. A layer that
 * fails does not hide the next one; arguments choose layers: `npm test -- unit laws`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDirectory } from './cluster/paths.ts'
import { type Report, type Tally, tallyOf } from './tally.ts'

const began = performance.now()
const bin = join(projectDirectory, 'node_modules/.bin')
const reports = mkdtempSync(join(tmpdir(), 'tenantops-test-'))

function say(line: string): void {
  console.log(`[${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s] ${line}`)
}

function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: projectDirectory,
      stdio: 'inherit',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    })
    child.on('close', (code) => resolve(code ?? 1))
    child.on('error', () => resolve(127))
  })
}

/** A program that passes or fails as a whole counts as one. */
async function check(program: string, ...args: readonly string[]): Promise<Tally> {
  const code = await run(join(bin, program), args)
  return code === 0
    ? { passed: 1, failed: 0, failures: [] }
    : { passed: 0, failed: 1, failures: [`${program}: its output is above`] }
}

async function vitest(project: string): Promise<Tally> {
  const file = join(reports, `${project}.json`)
  const code = await run(join(bin, 'vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const tally = tallyOf(project, code, readReport(file), projectDirectory)
  if (tally.skipped > 0) say(`${tally.skipped} tests of ${project} were skipped; each names its reason above`)
  return tally
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}

const checks = {
  types: [() => check('tsc', '-p', '.')],
  style: [() => check('biome', 'check', '.'), () => check('knip')],
  unit: [() => vitest('unit')],
  laws: [() => vitest('laws')],
  storage: [() => vitest('storage')],
  machine: [() => vitest('machine')],
  crash: [() => vitest('crash')],
  integration: [() => vitest('integration')],
  e2e: [() => vitest('e2e')],
  disruptive: [() => vitest('disruptive')],
} as const satisfies Readonly<Record<string, readonly (() => Promise<Tally>)[]>>
type Layer = keyof typeof checks

/**
 * Stages follow each other; the lanes of one run side by side, since each waits a good part of its time for what it has
 * started; the two long ones take about as long.
 */
const stages: readonly (readonly (readonly Layer[])[])[] = [
  [['types', 'style', 'unit', 'laws']],
  [['crash', 'machine', 'disruptive'], ['integration', 'e2e'], ['storage']],
]

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !Object.hasOwn(checks, name))
if (unknown !== undefined) {
  console.error(`"${unknown}" is no layer of the tests: use ${Object.keys(checks).join(', ')}`)
  process.exit(2)
}
const isAsked = (layer: Layer) => asked.length === 0 || asked.includes(layer)
/** They start whole clusters; the builds of images and programs beside them would be their time-outs. */
const onNodes: readonly Layer[] = ['machine', 'e2e', 'disruptive']
const preparing = onNodes.some(isAsked) ? run(join(bin, 'node'), ['demo/prepare.ts']) : Promise.resolve(0)

/** No whole cluster begins or ends while `machine` looks at what such clusters leave. */
const machineLooked = Promise.withResolvers<void>()
if (!isAsked('machine')) machineLooked.resolve()

const tallies: Tally[] = []
async function runLayer(layer: Layer): Promise<void> {
  if (onNodes.includes(layer) && (await preparing) !== 0)
    say('preparing the cluster failed; the stories say why')
  if (layer === 'e2e') await machineLooked.promise
  say(layer)
  for (const each of checks[layer]) {
    const tally = await each()
    say(`${layer}: ${tally.passed} passed, ${tally.failed} failed`)
    tallies.push(tally)
  }
  if (layer === 'machine') machineLooked.resolve()
}
for (const lanes of stages)
  await Promise.all(
    lanes.map(async (lane) => {
      for (const layer of lane.filter(isAsked)) await runLayer(layer)
    }),
  )
rmSync(reports, { recursive: true, force: true })

const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0)
const failed = sum((tally) => tally.failed)
for (const failure of tallies.flatMap(({ failures }) => failures)) console.log(`\nFAILED ${failure}`)
console.log(`${sum((tally) => tally.passed)} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
