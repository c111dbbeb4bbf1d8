/** Images without a registry: each is built once for its content and kept as a docker-archive in the cache. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDirectory } from '../paths.ts'
import { ClusterError, type Log } from '../progress.ts'
import { archivePath, fileName, removeOlder, storeTag } from './archive.ts'
import type { CommandOptions } from './command.ts'
import { digest } from './digest.ts'
import { withLock } from './lock.ts'
import type { Recipe } from './recipe.ts'
import { recipes } from './recipes.ts'
import { cleanBuilds, groupsDir, openStore, unmountStore } from './store.ts'
import { ensureTools } from './tools.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

export interface EnsureOptions {
  /** Shared by all clusters of this project. Nothing outside it is changed, but for missing Debian packages. */
  readonly cacheDir: string
  /** One line of progress, with the seconds since the image's own start. */
  readonly log: Log
}

/** So many images are made at once: while one waits for packages another compiles. */
const LANES = 2

/**
 * Image name → path of its docker-archive. An image that is in the cache needs no program, build or network.
 * @throws when a name has no recipe, or a build fails: the error ends with the last lines of the build's log.
 */
export async function ensureImages(
  names: readonly string[],
  options: EnsureOptions,
): Promise<Map<string, string>> {
  const archives = new Map(names.map((name) => [name, archiveOf(name, options.cacheDir)]))
  const missing = names.filter((name) => !existsSync(archives.get(name) ?? ''))
  if (missing.length > 0) {
    const lock = join(options.cacheDir, 'images', 'lock')
    await withLock(
      lock,
      () => options.log('images: waiting for another build of this cache'),
      () => buildAll(missing, options),
    )
  }
  return archives
}

async function buildAll(names: readonly string[], { cacheDir, log }: EnsureOptions): Promise<void> {
  cleanBuilds(cacheDir)
  const images = join(cacheDir, 'images')
  for (const directory of ['running', 'scratch', 'logs'])
    mkdirSync(join(images, directory), { recursive: true })
  const command = (name: string): CommandOptions => ({
    logFile: join(images, 'logs', `${name}.log`),
    groupsDir: groupsDir(cacheDir),
    title: `the build of image ${name}`,
  })
  await ensureTools(command('tools'), (line) => log(`images: ${line}`))
  const store = openStore(cacheDir)
  const lane = lanes(LANES)
  const under = new Map<string, Promise<void>>()

  /** Leaves the archive in the cache and the image in the store; each image once, its bases first. */
  const provide = (name: string): Promise<void> => {
    const running = under.get(name) ?? build(recipeOf(name))
    under.set(name, running)
    return running
  }
  const build = async (recipe: Recipe): Promise<void> => {
    const archive = archiveOf(recipe.name, cacheDir)
    await Promise.all(recipe.bases.map(provide))
    await lane(async () => {
      const started = Date.now()
      const short = fileName(recipe.name)
      const step = (text: string) =>
        log(`image ${recipe.name}: ${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
      const defaults = command(short)
      writeFileSync(defaults.logFile, '')
      const workshop = openWorkshop({
        root: projectDirectory,
        scratch: mkdtempSync(join(images, 'scratch', `${short}-`)),
        store,
        defaults,
        step,
      })
      try {
        if (existsSync(archive)) await load(workshop, recipe.name, archive)
        else await make(workshop, recipe, archive)
      } finally {
        rmSync(workshop.scratch, { recursive: true, force: true })
      }
    })
  }
  const results = await Promise.allSettled(names.map(provide))
  unmountStore(cacheDir)
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as Error)
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'))
}

async function make(workshop: Workshop, recipe: Recipe, archive: string): Promise<void> {
  await recipe.build(workshop)
  const part = join(workshop.scratch, 'archive.tar')
  await workshop.buildah(['push', '--quiet', recipe.name, `docker-archive:${part}:${recipe.name}`])
  await workshop.buildah(['tag', recipe.name, storeTag(archive)])
  renameSync(part, archive)
  await removeOlder(workshop, archive)
  workshop.step(`ready, ${Math.round(statSync(archive).size / 1e6)} MB`)
}

/** A base whose archive is there: into the store, unless this very content is in it already. */
async function load(workshop: Workshop, name: string, archive: string): Promise<void> {
  const known = await workshop.buildah(['images', '--quiet', '--filter', `reference=${storeTag(archive)}`])
  if (known === '') {
    workshop.step('loading as a base')
    await workshop.buildah(['pull', '--quiet', `docker-archive:${archive}`])
    await workshop.buildah(['tag', name, storeTag(archive)])
  } else {
    await workshop.buildah(['tag', storeTag(archive), name])
  }
}

function recipeOf(name: string): Recipe {
  const recipe = recipes.find((each) => each.name === name)
  if (recipe === undefined)
    throw new ClusterError(
      `There is no recipe for the image ${name}; known are ${recipes.map((each) => each.name).join(', ')}`,
    )
  return recipe
}

function digestOf(name: string): string {
  const recipe = recipeOf(name)
  return digest(projectDirectory, recipe, recipe.bases.map(digestOf))
}

function archiveOf(name: string, cacheDir: string): string {
  return archivePath(cacheDir, name, digestOf(name))
}

/** Runs at most `count` tasks at a time, in the order of their arrival. */
function lanes(count: number): (task: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = count
  return async (task) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free--
    try {
      await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
