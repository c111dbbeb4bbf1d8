/**
 * docker.io/versity/versitygw: an S3 server on a plain directory, one static binary from its Go module with recorded
 * checksums. With a shell, as the official image has one.
 */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureVersitygw } from '../binaries.ts'
import { projectDirectory } from '../paths.ts'
import { debian } from './debian.ts'
import type { Recipe } from './recipe.ts'

/** The module that pins the server and everything it is made of. */
const MODULE = 'test/cluster/binaries/versitygw'

const version =
  readFileSync(join(projectDirectory, MODULE, 'go.mod'), 'utf8').match(/\/versitygw (v\S+)/)?.[1] ?? 'unknown'

export const versitygw: Recipe = {
  name: `docker.io/versity/versitygw:${version}`,
  bases: [debian.name],
  sources: ['test/cluster/images/versitygw.ts', MODULE],
  async build(workshop) {
    const binary = await ensureVersitygw((line) => workshop.step(line))
    await workshop.commit(this.name, debian.name, async (container) => {
      copyFileSync(binary, join(container.mount, 'usr/local/bin/versitygw'))
      await container.config({ entrypoint: '["versitygw"]', user: '65534:65534' })
    })
  },
}
