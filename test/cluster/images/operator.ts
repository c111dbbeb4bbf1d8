/** docker.io/tenantops/operator:dev: the project's own Dockerfile, on bases that were made here. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debian } from './debian.ts'
import { nodeImage } from './node.ts'
import type { Recipe } from './recipe.ts'

/** Where Debian and others keep the certificates this machine trusts. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Where npm looks for the settings of a whole installation. */
const MOUNT = '/usr/local/etc'

export const operator: Recipe = {
  name: 'docker.io/tenantops/operator:dev',
  bases: [nodeImage.name, debian.name],
  sources: [
    'test/cluster/images/operator.ts',
    'Dockerfile',
    '.dockerignore',
    'package.json',
    'package-lock.json',
    'bundle.ts',
    'operator',
    'charts',
    'crds',
  ],
  async build(workshop) {
    workshop.step('buildah build of the Dockerfile')
    // npm meets the registry as this machine does: a proxy's certificate is trusted here and not in the base image.
    // The folder exists in both bases, so that the mount leaves no trace in a layer.
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
        `--tag=${this.name}`,
        workshop.root,
      ],
      { cwd: workshop.root },
    )
  },
}
