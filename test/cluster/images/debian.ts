/** docker.io/library/debian:trixie-slim, by debootstrap. */

import type { Recipe } from './recipe.ts'
import { debianRoot, SWEEP } from './root.ts'

export const debian: Recipe = {
  name: 'docker.io/library/debian:trixie-slim',
  bases: [],
  sources: ['test/cluster/images/debian.ts', 'test/cluster/images/root.ts'],
  async build(workshop) {
    await workshop.commit(this.name, 'scratch', async (container) => {
      workshop.step('debootstrap trixie')
      await debianRoot(workshop, container, 'trixie')
      await container.shell(SWEEP)
      await container.config({
        cmd: '["bash"]',
        env: 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      })
    })
  },
}
