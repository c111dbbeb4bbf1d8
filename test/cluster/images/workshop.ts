/** Where one image is built: buildah on a store of its own, a scratch directory, and working containers that never outlive their use. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandOptions, command } from './command.ts'

export interface Workshop {
  /** The project's root. */
  readonly root: string
  /** An empty directory for this build, removed after it. */
  readonly scratch: string
  /** One progress line for the person who waits. */
  step(text: string): void
  run(argv: readonly string[], options?: Partial<CommandOptions>): Promise<string>
  buildah(args: readonly string[], options?: Partial<CommandOptions>): Promise<string>
  /** A working container on `base` (or `scratch`); committed under `name` when `fill` succeeds, removed in any case. */
  commit(name: string, base: string, fill: (container: Container) => Promise<void>): Promise<void>
}

export interface Container {
  /** The container's root file system on this machine. */
  readonly mount: string
  /** A shell script inside the container; stops at the first command that fails. */
  shell(script: string): Promise<void>
  /** Image configuration, as options of `buildah config`. */
  config(options: Readonly<Record<string, string | readonly string[]>>): Promise<void>
}

export interface Store {
  readonly directory: string
  readonly driver: 'overlay' | 'vfs'
}

export function openWorkshop(given: {
  readonly root: string
  readonly scratch: string
  readonly store: Store
  readonly defaults: CommandOptions
  readonly step: (text: string) => void
}): Workshop {
  const { store, defaults } = given
  const run = (argv: readonly string[], options: Partial<CommandOptions> = {}) =>
    command(argv, { ...defaults, ...options, env: { ...defaults.env, ...options.env } })
  const buildah = (args: readonly string[], options: Partial<CommandOptions> = {}) =>
    run(buildahArgv(store, args), { ...options, env: { ...buildahEnv(store), ...options.env } })
  return {
    root: given.root,
    scratch: given.scratch,
    step: given.step,
    run,
    buildah,
    async commit(name, base, fill) {
      const id = await buildah(['from', '--pull-never', base])
      try {
        const mount = await buildah(['mount', id])
        await fill({
          mount,
          shell: async (script) => {
            await buildah(['run', id, '--', '/bin/sh', '-euc', script])
          },
          config: async (options) => {
            const flags = Object.entries(options).flatMap(([flag, value]) =>
              [value].flat().map((each) => `--${flag}=${each}`),
            )
            await buildah(['config', ...flags, id])
          },
        })
        await buildah(['commit', '--quiet', '--format', 'docker', id, name])
      } finally {
        await buildah(['rm', id])
      }
    },
  }
}

/** Also used to probe a driver before a workshop exists. */
export function buildahArgv(store: Store, args: readonly string[]): string[] {
  const { directory, driver } = store
  return [
    'buildah',
    '--root',
    join(directory, driver),
    '--runroot',
    join(directory, 'run'),
    '--storage-driver',
    driver,
    ...args,
  ]
}

/** Settings of the store, so that none of this machine's own container configuration is read or changed. */
export function buildahEnv(store: Store): Record<string, string> {
  mkdirSync(store.directory, { recursive: true })
  const registries = join(store.directory, 'registries.conf')
  writeFileSync(registries, 'unqualified-search-registries = ["docker.io"]\n')
  const storage = join(store.directory, 'storage.conf')
  writeFileSync(storage, `[storage]\ndriver = "${store.driver}"\n`)
  return {
    BUILDAH_ISOLATION: 'chroot',
    CONTAINERS_REGISTRIES_CONF: registries,
    CONTAINERS_STORAGE_CONF: storage,
  }
}
