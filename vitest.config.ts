import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** A good part of the fast layers waits for processes and timers, so that no core is left to the reporter alone. */
const maxWorkers = availableParallelism()

/** Programs against a real API server; each project has one of its own, for one file at a time. */
const controlPlane = (name: string, include: string[], exclude: string[] = []) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/integration/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
const crashes = 'test/integration/crash*.test.ts'

/** Stories on real pods: each project has a cluster of its own, which `workers` stories share at a time. */
const stories = (name: string, include: string[], workers: number) => ({
  test: {
    name,
    include,
    globalSetup: ['test/e2e/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: workers,
    fileParallelism: workers > 1,
  },
})

/**
 * Fastest first: `unit` (files beside the code) and `laws` need nothing; `storage` starts PostgreSQL, restic and an S3
 * server, each file its own; `integration` and `crash` (operators that are killed) start a control plane; `machine`
 * looks at what clusters leave on the machine, so no other may begin or end beside it; `e2e` starts a whole cluster;
 * `disruptive` another one, for stories that kill the operator, stop PostgreSQL or break what others need, one at a time.
 */
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          // Files share a worker's modules: importing them again for each file cost a third of the time.
          isolate: false,
          maxWorkers,
          include: [
            'operator/**/*.test.ts',
            'test/cluster/**/*.test.ts',
            'bench/**/*.test.ts',
            'charts/**/*.test.ts',
            'test/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'laws',
          isolate: false,
          maxWorkers,
          include: ['test/laws/**/*.test.ts'],
          // Hundreds of worlds each, a second or two where nothing else runs.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'storage',
          include: ['test/storage/**/*.test.ts'],
          globalSetup: ['test/storage/setup.ts'],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      controlPlane('integration', ['test/integration/**/*.test.ts', 'test/rules/**/*.test.ts'], [crashes]),
      controlPlane('crash', [crashes]),
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      stories('e2e', ['test/e2e/*.test.ts'], 2),
      stories('disruptive', ['test/e2e/disruptive/*.test.ts'], 1),
    ],
  },
})
