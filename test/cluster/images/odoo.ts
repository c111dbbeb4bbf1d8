/** docker.io/library/odoo:14.0: the Odoo of Debian bullseye, the last Debian that has one. */
import { FEWER_LANGUAGES, finishOdoo, ODOO_USER } from './odoo-image.ts'
import type { Recipe } from './recipe.ts'
import { debianRoot, SWEEP } from './root.ts'

/** Graphics drivers that a renderer without a screen never loads (140 MB). */
const UNUSED = [
  'usr/lib/x86_64-linux-gnu/dri',
  'usr/lib/x86_64-linux-gnu/libLLVM-11.so.1',
  'usr/lib/x86_64-linux-gnu/libz3.so.4',
]

export const odoo: Recipe = {
  name: 'docker.io/library/odoo:14.0',
  bases: [],
  sources: ['odoo.ts', 'odoo-image.ts', 'root.ts'].map((file) => `test/cluster/images/${file}`),
  async build(workshop) {
    await workshop.commit(this.name, 'scratch', async (container) => {
      workshop.step('debootstrap bullseye')
      await debianRoot(workshop, container, 'bullseye')
      workshop.step('apt-get install odoo-14')
      await container.shell(`
        export DEBIAN_FRONTEND=noninteractive
        ${ODOO_USER}
        apt-get update -q
        apt-get install -q -y --no-install-recommends odoo-14 ca-certificates fonts-dejavu-core`)
      workshop.step('slim')
      // Debian compiled every module at installation, so that nothing is compiled again under a read-only root.
      await container.shell(`
        ${FEWER_LANGUAGES}
        rm -rf ${UNUSED.map((path) => `/${path}`).join(' ')}
        ${SWEEP}`)
      await finishOdoo(container)
    })
  },
}
