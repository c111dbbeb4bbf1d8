/** The Go programs of the embedded cluster, built from the modules in `binaries/` and cached by content. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { groupsOf } from './builds.ts'
import { cached, sourcesOf } from './cache.ts'
import { command } from './images/command.ts'
import type { Log } from './progress.ts'

const kubernetesVersion = '1.35.4'
const versionPackage = 'k8s.io/component-base/version'

interface GoProgram {
  readonly name: string
  readonly ldflags: string
}

const kube: GoProgram = {
  name: 'kube',
  ldflags: [
    '-s -w',
    `-X ${versionPackage}.gitVersion=v${kubernetesVersion}`,
    `-X ${versionPackage}.gitMajor=1`,
    `-X ${versionPackage}.gitMinor=35`,
  ].join(' '),
}

/** Path of the one binary that holds etcd and every Kubernetes component. Cold build: about 7 min on 2 cores. */
export const ensureKube = (log: Log): Promise<string> => ensureGoProgram(kube, log)

/** Path of CoreDNS with the plugins that a cluster needs. Cold build after `kube`: about 1 min on 2 cores. */
export const ensureCoredns = (log: Log): Promise<string> =>
  ensureGoProgram({ name: 'coredns', ldflags: '-s -w' }, log)

async function ensureGoProgram({ name, ldflags }: GoProgram, log: Log): Promise<string> {
  const source = join(import.meta.dirname, 'binaries', name)
  const sources = sourcesOf(['go.mod', 'go.sum', 'main.go'].map((file) => join(source, file)))
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', ldflags]
  const directory = await cached(
    { what: name, parts: [process.arch, ...flags, ...sources] },
    log,
    async (draft) => {
      log(`${name}: building (minutes with an empty Go cache)`)
      mkdirSync(groupsOf(draft))
      await command(['go', 'build', ...flags, '-o', join(draft, name), '.'], {
        title: `building ${name}`,
        cwd: source,
        env: { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' },
        logFile: join(draft, 'build.log'),
        groupsDir: groupsOf(draft),
      })
      log(`${name}: built`)
    },
  )
  return join(directory, name)
}
