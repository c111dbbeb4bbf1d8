import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { StoryOrder } from './test/e2e/order.ts'

/** A good part of the fast layers waits for processes and timers, so that no core is left to the reporter alone. */
const maxWorkers = availableParallelism()

/**
 * Five layers, fastest first: `unit` (files beside the code) and `laws` need nothing; `storage` starts PostgreSQL, restic
 * and an S3 server, each file its own; `integration` starts the control plane; `e2e` starts a whole cluster. Each
 * cluster layer shares one cluster, made in its global set-up.
 */
export default defineConfig({
  test: {
    reporters: ['default'],
    sequence: { sequencer: StoryOrder },
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
      { test: { name: 'laws', isolate: false, maxWorkers, include: ['test/laws/**/*.test.ts'] } },
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
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/rules/**/*.test.ts'],
          globalSetup: ['test/integration/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 300_000,
          // A story may have to wait for another one's turn to end.
          hookTimeout: 1_200_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
