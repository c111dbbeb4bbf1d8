/** The Go programs of the embedded cluster and of tests of backups, built from the modules in `binaries/` and cached by content. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { groupsOf } from './builds.ts'
import { type CacheEntry, cached, cachePath, sourcesOf } from './cache.ts'
import type { Profile } from './cluster.ts'
import { command } from './images/command.ts'
import type { Log } from './progress.ts'

const kubernetesVersion = '1.35.4'
const versionPackage = 'k8s.io/component-base/version'

interface GoProgram {
  readonly name: string
  readonly ldflags: string
  readonly tags?: string
  /** The main package of a module that is used as it is; absent: the Go files beside go.mod. */
  readonly package?: string
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

const coredns: GoProgram = { name: 'coredns', ldflags: '-s -w' }

const kwok: GoProgram = { name: 'kwok', ldflags: '-s -w', package: 'sigs.k8s.io/kwok/cmd/kwok' }

/** The version that the operator's image has. */
const restic: GoProgram = {
  name: 'restic',
  ldflags: '-s -w',
  tags: 'disable_grpc_modules',
  package: 'github.com/restic/restic/cmd/restic',
}

const versitygw: GoProgram = {
  name: 'versitygw',
  ldflags: '-s -w',
  package: 'github.com/versity/versitygw/cmd/versitygw',
}

const restServer: GoProgram = {
  name: 'rest-server',
  ldflags: '-s -w',
  package: 'github.com/restic/rest-server/cmd/rest-server',
}

/** Without service discovery, which is most of it: rules are only checked. */
const promtool: GoProgram = {
  name: 'promtool',
  ldflags: '-s -w',
  tags: 'remove_all_sd',
  package: 'github.com/prometheus/prometheus/cmd/promtool',
}

/** Path of the one binary that holds etcd and every Kubernetes component. Cold build: about 7 min on 2 cores. */
export const ensureKube = (log: Log): Promise<string> => ensureGoProgram(kube, log)

/** Path of CoreDNS with the plugins that a cluster needs. Cold build after `kube`: about 1 min on 2 cores. */
export const ensureCoredns = (log: Log): Promise<string> => ensureGoProgram(coredns, log)

/** Path of kwok, which plays nodes and pods that do not run. Cold build: about 2 min on 2 cores. */
export const ensureKwok = (log: Log): Promise<string> => ensureGoProgram(kwok, log)

/** Path of restic. Cold build: about 1 min on 2 cores. */
export const ensureRestic = (log: Log): Promise<string> => ensureGoProgram(restic, log)

/** Path of an S3 server on a plain directory. Cold build: about 1 min on 2 cores. */
export const ensureVersitygw = (log: Log): Promise<string> => ensureGoProgram(versitygw, log)

/** Path of restic's own server on a plain directory. Cold build: about 15 s on 2 cores. */
export const ensureRestServer = (log: Log): Promise<string> => ensureGoProgram(restServer, log)

/** Path of Prometheus' tool that checks rules and runs their tests. Cold build: about 2 min on 2 cores. */
export const ensurePromtool = (log: Log): Promise<string> => ensureGoProgram(promtool, log)

const programsOf: Readonly<Record<Profile, readonly GoProgram[]>> = {
  'control-plane': [kube],
  fleet: [kube, kwok],
  full: [kube, coredns],
}

/** Whether a start of this profile has nothing left to compile, and so needs no Go. */
export const isBuilt = (profile: Profile): boolean =>
  programsOf[profile].every((program) => existsSync(cachePath(entryOf(program))))

const sourceOf = ({ name }: GoProgram): string => join(import.meta.dirname, 'binaries', name)

const flagsOf = ({ ldflags, tags }: GoProgram): string[] => [
  '-trimpath',
  '-buildvcs=false',
  ...(tags === undefined ? [] : ['-tags', tags]),
  '-ldflags',
  ldflags,
]

function entryOf(program: GoProgram): CacheEntry {
  const source = sourceOf(program)
  const own = readdirSync(source).filter((file) => file.endsWith('.go'))
  const sources = sourcesOf(['go.mod', 'go.sum', ...own.sort()].map((file) => join(source, file)))
  return {
    what: program.name,
    parts: [process.arch, ...flagsOf(program), ...(program.package ? [program.package] : []), ...sources],
  }
}

async function ensureGoProgram(program: GoProgram, log: Log): Promise<string> {
  const { name } = program
  const directory = await cached(entryOf(program), log, async (draft) => {
    log(`${name}: building (minutes with an empty Go cache)`)
    mkdirSync(groupsOf(draft))
    await command(['go', 'build', ...flagsOf(program), '-o', join(draft, name), program.package ?? '.'], {
      title: `building ${name}`,
      cwd: sourceOf(program),
      // The work directory of a killed build goes with the draft.
      env: { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local', GOTMPDIR: draft },
      logFile: join(draft, 'build.log'),
      groupsDir: groupsOf(draft),
    })
    log(`${name}: built`)
  })
  return join(directory, name)
}
