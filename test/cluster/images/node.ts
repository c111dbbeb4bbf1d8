/** docker.io/library/node:26-trixie-slim: the project's own Node, as npm installed it, and npm beside it. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { projectDirectory } from '../paths.ts'
import { debian } from './debian.ts'
import type { Recipe } from './recipe.ts'
import { SWEEP } from './root.ts'

const NPM = 'npm@11.19.1'

const node = join(projectDirectory, 'node_modules/node')

export const nodeImage: Recipe = {
  name: 'docker.io/library/node:26-trixie-slim',
  bases: [debian.name],
  sources: ['test/cluster/images/node.ts'],
  facts: () => [
    (JSON.parse(readFileSync(join(node, 'package.json'), 'utf8')) as { version: string }).version,
  ],
  async build(workshop) {
    const { scratch } = workshop
    workshop.step(`npm pack ${NPM}`)
    const archive = await workshop.run(['npm', 'pack', '--silent', '--pack-destination', scratch, NPM])
    await workshop.commit(this.name, debian.name, async (container) => {
      const local = join(container.mount, 'usr/local')
      copyFileSync(join(node, 'bin/node'), join(local, 'bin/node'))
      chmodSync(join(local, 'bin/node'), 0o755)
      symlinkSync('node', join(local, 'bin/nodejs'))
      const npm = join(local, 'lib/node_modules/npm')
      mkdirSync(npm, { recursive: true })
      const tar = ['tar', '--extract', '--gzip', '--no-same-owner', '--strip-components=1']
      await workshop.run([...tar, '--directory', npm, '--file', join(scratch, archive)])
      for (const program of ['npm', 'npx']) {
        symlinkSync(`../lib/node_modules/npm/bin/${program}-cli.js`, join(local, 'bin', program))
      }
      await container.shell(`
        groupadd --gid 1000 node
        useradd --uid 1000 --gid node --shell /bin/bash --create-home node
        apt-get update -q
        apt-get install -q -y --no-install-recommends libatomic1
        ${SWEEP}`)
      await container.config({ cmd: '["node"]' })
    })
  },
}
