/**
 * docker.io/library/odoo:<series> from a checkout of Odoo's source, 15.0 or later, which TENANTOPS_ODOO_SOURCE names:
 * the stories then run on that series. Made as the checkout's own Debian package is made: the same folders, and Debian's
 * packages for what it depends on.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ClusterError } from '../progress.ts'
import { FEWER_LANGUAGES, finishOdoo, ODOO_USER, odooFolder } from './odoo-image.ts'
import type { Recipe } from './recipe.ts'
import { debianRoot, SWEEP } from './root.ts'

const variable = 'TENANTOPS_ODOO_SOURCE'
const given = process.env[variable]

/** A recipe, when a checkout is named. */
export const odooOfCheckout: Recipe | undefined = given === undefined ? undefined : recipe(resolve(given))

function recipe(checkout: string): Recipe {
  const series = seriesOf(checkout)
  // The Debian whose Python and libraries that series was released for.
  const suite = Number.parseInt(series, 10) <= 16 ? 'bullseye' : 'bookworm'
  return {
    name: `docker.io/library/odoo:${series}`,
    bases: [],
    sources: ['odoo-checkout.ts', 'odoo-image.ts', 'root.ts'].map((file) => `test/cluster/images/${file}`),
    facts: () => [checkout, commitOf(checkout)],
    async build(workshop) {
      await workshop.commit(this.name, 'scratch', async (container) => {
        workshop.step(`debootstrap ${suite}`)
        await debianRoot(workshop, container, suite)
        workshop.step('apt-get install what Odoo needs')
        await container.shell(`
          export DEBIAN_FRONTEND=noninteractive
          ${ODOO_USER}
          apt-get update -q
          apt-get satisfy -q -y --no-install-recommends '${needsOf(checkout)}'`)
        workshop.step('copying the checkout')
        const target = join(container.mount, odooFolder)
        cpSync(join(checkout, 'odoo'), target, { recursive: true, verbatimSymlinks: true })
        cpSync(join(checkout, 'addons'), join(target, 'addons'), { recursive: true, verbatimSymlinks: true })
        const program = readFileSync(join(checkout, 'odoo-bin'))
        writeFileSync(join(container.mount, 'usr/bin/odoo'), program, { mode: 0o755 })
        workshop.step('slim')
        // A checkout has the modes of whoever made it, and a pod another user. Compiled here, since a pod's root is read-only and nothing could be kept there.
        await container.shell(`
          ${FEWER_LANGUAGES}
          chmod -R a+rX ${odooFolder}
          python3 -m compileall -q -j 2 ${odooFolder} || true
          ${SWEEP}`)
        await finishOdoo(container)
      })
    },
  }
}

/** @throws when the folder is no checkout of Odoo, or of one before 15.0. */
export function seriesOf(checkout: string): string {
  const release = join(checkout, 'odoo/release.py')
  const numbers = existsSync(release)
    ? /^version_info = \((\d+), (\d+),/m.exec(readFileSync(release, 'utf8'))
    : null
  if (numbers === null || !existsSync(join(checkout, 'addons/web')))
    throw new ClusterError(
      `${variable} names ${checkout}, which is no checkout of Odoo: odoo/release.py or addons/web is missing`,
    )
  const series = `${numbers[1]}.${numbers[2]}`
  if (Number.parseFloat(series) < 15)
    throw new ClusterError(
      `${variable} names a checkout of Odoo ${series}, and 15.0 is the first that is made of a checkout: leave the variable out for 14.0`,
    )
  return series
}

/** For live connections, for the database manager, and what Debian's own packages of Odoo bring along. */
const besides = ['python3', 'python3-gevent', 'postgresql-client', 'ca-certificates', 'fonts-dejavu-core']

/** What Debian is to install: the checkout's own package says it, as far as Python goes. */
export function needsOf(checkout: string): string {
  const control = readFileSync(join(checkout, 'debian/control'), 'utf8')
  const depends = /^Package: odoo\n(?:.*\n)*?Depends:\n?((?:[ #].*\n)+)/m.exec(control)?.[1] ?? ''
  const python = depends
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line.startsWith('python3-'))
  return [...python, ...besides].join(', ')
}

/** An edit of the checkout is not seen before it is committed. */
function commitOf(checkout: string): string {
  try {
    return execFileSync('git', ['-C', checkout, 'rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  } catch {
    return 'without git'
  }
}
