/** What every image of Odoo has in common, wherever its Odoo came from: the official image's user, folders and entrypoint. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Container } from './workshop.ts'

/** Where Odoo and all of its addons are, as with Debian's package and the official image. */
export const odooFolder = '/usr/lib/python3/dist-packages/odoo'

/** Script that makes the user, with the official image's ids, and the folders that it owns. */
export const ODOO_USER = `
groupadd --gid=101 odoo
useradd --uid=101 --gid=odoo --home-dir=/var/lib/odoo --shell=/usr/sbin/nologin odoo
install -d -o odoo -g odoo /var/lib/odoo /mnt/extra-addons
`

/** Translations that stay: all sixty are 450 MB, and every pod of a test would wait for their import. */
const LANGUAGES = ['de', 'es', 'fr', 'it', 'nl', 'pl', 'pt', 'pt_BR']

/** Script that removes the translations that no test asks for. */
export const FEWER_LANGUAGES = `
find ${odooFolder} -path '*/i18n*' -name '*.po*' ${LANGUAGES.map((language) => `! -name ${language}.po`).join(' ')} -delete
`

const CONFIG = `[options]
data_dir = /var/lib/odoo
addons_path = ${odooFolder}/addons,/mnt/extra-addons
`

/** As in the official image, `odoo …`, bare options and any other command all work. */
const ENTRYPOINT = `#!/bin/sh
case "\${1:-}" in
  odoo | --) shift; exec odoo "$@" ;;
  '' | -*) exec odoo "$@" ;;
  *) exec "$@" ;;
esac
`

/** Writes configuration and entrypoint, and says how the image is run. */
export async function finishOdoo(container: Container): Promise<void> {
  mkdirSync(join(container.mount, 'etc/odoo'), { recursive: true })
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
}
