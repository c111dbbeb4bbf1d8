/**
 * docker.io/library/golang:1.26-trixie: this machine's own Go on Debian, so that what the machine has compiled need not be
 * compiled again. Its two caches are directories that every base has: a build mounts the machine's there.
 */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { debian } from './debian.ts'
import type { Recipe } from './recipe.ts'

/** Modules and compiled packages inside the image. */
export const goCaches = { GOMODCACHE: '/usr/local/src', GOCACHE: '/var/local' } as const

const PATH = '/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export const golang: Recipe = {
  name: 'docker.io/library/golang:1.26-trixie',
  bases: [debian.name],
  sources: ['test/cluster/images/golang.ts'],
  async build(workshop) {
    const root = await workshop.run(['go', 'env', 'GOROOT'])
    await workshop.commit(this.name, debian.name, async (container) => {
      const to = join(container.mount, 'usr/local/go')
      for (const part of ['bin', 'lib', 'pkg', 'src', 'VERSION', 'go.env'])
        if (existsSync(join(root, part)))
          cpSync(join(root, part), join(to, part), { recursive: true, dereference: true })
      const env = { PATH, ...goCaches, GOTOOLCHAIN: 'local' }
      await container.config({
        env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        cmd: '["bash"]',
      })
    })
  },
}
