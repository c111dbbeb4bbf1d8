/** docker.io/tenantops/operator:dev: the project's own Dockerfile, on bases that were made here. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debian } from './debian.ts'
import { goCaches, golang } from './golang.ts'
import { nodeImage } from './node.ts'
import type { Recipe } from './recipe.ts'

/** Where Debian and others keep the certificates this machine trusts. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Where npm looks for the settings of a whole installation. */
const MOUNT = '/usr/local/etc'

export const operator: Recipe = {
  name: 'docker.io/tenantops/operator:dev',
  bases: [golang.name, nodeImage.name, debian.name],
  sources: [
    'test/cluster/images/operator.ts',
    'Dockerfile',
    '.dockerignore',
    'package.json',
    'package-lock.json',
    'bundle.ts',
    'helm-engine',
    'operator',
    'charts',
    'crds',
  ],
  async build(workshop) {
    // The modules come by this machine's own settings, so that the build asks no proxy; what it compiles stays for the next.
    workshop.step('go mod download')
    await workshop.run(['go', 'mod', 'download'], { cwd: join(workshop.root, 'helm-engine') })
    const caches = await Promise.all(
      Object.entries(goCaches).map(async ([name, place]) => {
        const directory = await workshop.run(['go', 'env', name])
        mkdirSync(directory, { recursive: true })
        return `--volume=${directory}:${place}:rw`
      }),
    )
    workshop.step('buildah build of the Dockerfile')
    // npm meets the registry as this machine does: a proxy's certificate is trusted here and not in the base image.
    // These folders exist in all bases, so that the mounts leave no trace in a layer.
    const settings = join(workshop.scratch, 'etc')
    mkdirSync(settings)
    const registry = await workshop.run(['npm', 'config', 'get', 'registry'])
    let npmrc = `registry=${registry}\n`
    if (existsSync(CERTIFICATES)) {
      copyFileSync(CERTIFICATES, join(settings, 'certificates.crt'))
      npmrc += `cafile=${MOUNT}/certificates.crt\n`
    }
    writeFileSync(join(settings, 'npmrc'), npmrc)
    await workshop.buildah(
      [
        'build',
        '--pull-never',
        '--layers',
        '--format=docker',
        `--volume=${settings}:${MOUNT}:ro`,
        ...caches,
        `--tag=${this.name}`,
        workshop.root,
      ],
      { cwd: workshop.root },
    )
  },
}
