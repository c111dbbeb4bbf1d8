/** docker.io/library/odoo:14.0: the Odoo of Debian bullseye, the last Debian that has one. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recipe } from './recipe.ts'
import { debianRoot, SWEEP } from './root.ts'

/** Translations that stay: all sixty are 450 MB, and every pod of a test would wait for their import. */
const LANGUAGES = ['de', 'es', 'fr', 'it', 'nl', 'pl', 'pt', 'pt_BR']

/** Graphics drivers that a renderer without a screen never loads (140 MB). */
const UNUSED = [
  'usr/lib/x86_64-linux-gnu/dri',
  'usr/lib/x86_64-linux-gnu/libLLVM-11.so.1',
  'usr/lib/x86_64-linux-gnu/libz3.so.4',
]

const CONFIG = `[options]
data_dir = /var/lib/odoo
addons_path = /usr/lib/python3/dist-packages/odoo/addons,/mnt/extra-addons
`

/** As in the official image, `odoo …`, bare options and any other command all work. */
const ENTRYPOINT = `#!/bin/sh
case "\${1:-}" in
  odoo | --) shift; exec odoo "$@" ;;
  '' | -*) exec odoo "$@" ;;
  *) exec "$@" ;;
esac
`

export const odoo: Recipe = {
  name: 'docker.io/library/odoo:14.0',
  bases: [],
  sources: ['test/cluster/images/odoo.ts', 'test/cluster/images/root.ts'],
  async build(workshop) {
    await workshop.commit(this.name, 'scratch', async (container) => {
      workshop.step('debootstrap bullseye')
      await debianRoot(workshop, container, 'bullseye')
      workshop.step('apt-get install odoo-14')
      await container.shell(`
        export DEBIAN_FRONTEND=noninteractive
        groupadd --gid=101 odoo
        useradd --uid=101 --gid=odoo --home-dir=/var/lib/odoo --shell=/usr/sbin/nologin odoo
        install -d -o odoo -g odoo /var/lib/odoo /mnt/extra-addons
        apt-get update -q
        apt-get install -q -y --no-install-recommends odoo-14 ca-certificates fonts-dejavu-core`)
      workshop.step('slim')
      // Debian compiled every module at installation, so that nothing is compiled again under a read-only root.
      await container.shell(`
        find /usr/lib/python3/dist-packages/odoo -path '*/i18n*' -name '*.po*' ${LANGUAGES.map((language) => `! -name ${language}.po`).join(' ')} -delete
        rm -rf ${UNUSED.map((path) => `/${path}`).join(' ')}
        ${SWEEP}`)
      writeFileSync(join(container.mount, 'etc/odoo/odoo.conf'), CONFIG)
      chmodSync(join(container.mount, 'etc/odoo/odoo.conf'), 0o644)
      writeFileSync(join(container.mount, 'entrypoint.sh'), ENTRYPOINT, { mode: 0o755 })
      await container.config({
        entrypoint: '["/entrypoint.sh"]',
        cmd: '["odoo"]',
        user: 'odoo',
        port: ['8069', '8072'],
        volume: ['/var/lib/odoo', '/mnt/extra-addons'],
        env: [
          'LANG=C.UTF-8',
          // Odoo asks who it is, and a pod may run it under a uid without a name.
          'LOGNAME=odoo',
          'ODOO_RC=/etc/odoo/odoo.conf',
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ],
      })
    })
  },
}
