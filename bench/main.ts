/**
 * `npm run bench NAME`: measures one thing on real parts and prints, as its last line, one JSON object with the
 * name, the figures with their units, the targets and whether they were met. Without a name: lists the benches.
 */
import { backup } from './backup.ts'
import { backupMemory } from './backup-memory.ts'
import { backupSchedule } from './backup-schedule.ts'
import { fleet } from './fleet.ts'
import { onboard } from './onboard.ts'
import { releases } from './releases.ts'
import { soak } from './soak.ts'

/** What a bench found. Every figure carries its unit in its name or beside it. */
export interface BenchResult {
  readonly name: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly targets: Readonly<Record<string, string>>
  readonly ok: boolean
}

export interface Bench {
  /** One line for the list. */
  readonly about: string
  readonly run: (log: (line: string) => void) => Promise<BenchResult>
}

const benches: Readonly<Record<string, Bench>> = {
  onboard,
  fleet,
  soak,
  releases,
  'backup-schedule': backupSchedule,
  'backup-memory': backupMemory,
  backup,
}

const name = process.argv[2] ?? ''
const bench = benches[name]
if (bench) {
  const result = await bench.run((line) => console.error(line))
  console.log(JSON.stringify(result))
  process.exitCode = result.ok ? 0 : 1
} else {
  console.error(`${name === '' ? 'Name a bench' : `There is no bench ${name}`}:`)
  for (const [each, { about }] of Object.entries(benches))
    console.error(`  npm run bench ${each.padEnd(16)} ${about}`)
  process.exitCode = 2
}
