/**
 * Runs every check of the project, fastest first, and ends with one line that adds them up. Slow builds (Kubernetes,
 * images) begin in the background at once, so that they cost little beside the fast tests. A layer that fails does
 * not hide the next one; arguments choose layers: `npm test -- unit laws`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDirectory } from './cluster/paths.ts'

interface Tally {
  passed: number
  failed: number
}

const began = performance.now()
const layers = ['types', 'style', 'unit', 'laws', 'storage', 'integration', 'e2e'] as const
type Layer = (typeof layers)[number]

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
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Counts of a vitest project; a run that ends without a report (a set-up that failed) counts as one failure. */
async function vitest(project: string): Promise<Tally> {
  const report = join(reports, `${project}.json`)
  const code = await run(join(bin, 'vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as Record<string, number>
    if (numPendingTests)
      say(`${numPendingTests} tests of ${project} were skipped; each names its reason above`)
    const failed = numFailedTests ?? 0
    return { passed: numPassedTests ?? 0, failed: failed === 0 && code !== 0 ? 1 : failed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

function sum(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed }
}

const checks: Readonly<Record<Layer, () => Promise<Tally>>> = {
  types: () => check('tsc', '-p', '.'),
  style: async () => sum(await check('biome', 'check', '.'), await check('knip')),
  unit: () => vitest('unit'),
  laws: () => vitest('laws'),
  storage: () => vitest('storage'),
  integration: () => vitest('integration'),
  e2e: () => vitest('e2e'),
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !layers.includes(name as Layer))
if (unknown !== undefined) {
  console.error(`"${unknown}" is no layer of the tests: use ${layers.join(', ')}`)
  process.exit(2)
}
const chosen = layers.filter((layer) => asked.length === 0 || asked.includes(layer))
const preparing = chosen.includes('e2e') ? run(join(bin, 'node'), ['demo/prepare.ts']) : undefined

const total: Tally = { passed: 0, failed: 0 }
for (const layer of chosen) {
  if (layer === 'e2e' && (await preparing) !== 0) say('preparing the cluster failed; the stories say why')
  say(layer)
  const tally = await checks[layer]()
  say(`${layer}: ${tally.passed} passed, ${tally.failed} failed`)
  total.passed += tally.passed
  total.failed += tally.failed
}
rmSync(reports, { recursive: true, force: true })
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
