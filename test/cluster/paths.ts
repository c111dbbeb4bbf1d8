/** Where the harness keeps its state: everything lies under `<project>/.cluster`, which git ignores. */
import { resolve } from 'node:path'

export const projectDirectory = resolve(import.meta.dirname, '../..')

const stateDirectory = resolve(projectDirectory, '.cluster')

/** Built things, one directory per content digest. `TENANTOPS_CACHE` moves it, so that CI can keep it. */
export const cacheDirectory = resolve(process.env.TENANTOPS_CACHE ?? resolve(stateDirectory, 'cache'))

/** One directory per cluster that runs, or that crashed and was not cleaned yet. */
export const runDirectory = resolve(stateDirectory, 'run')

export const clusterDirectory = (name: string): string => resolve(runDirectory, name)
