/** registry.k8s.io/pause: one static binary. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recipe } from './recipe.ts'

export const pause: Recipe = {
  name: 'registry.k8s.io/pause:3.10',
  bases: [],
  sources: ['test/cluster/images/pause.ts', 'test/cluster/images/pause'],
  async build(workshop) {
    const binary = join(workshop.scratch, 'pause')
    await workshop.run(
      ['go', 'build', '-trimpath', '-ldflags=-s -w', '-o', binary, 'test/cluster/images/pause/main.go'],
      {
        cwd: workshop.root,
        env: { CGO_ENABLED: '0' },
      },
    )
    await workshop.commit(this.name, 'scratch', async (container) => {
      copyFileSync(binary, join(container.mount, 'pause'))
      await container.config({ entrypoint: '["/pause"]', user: '65535:65535' })
    })
  },
}
