/** docker.io/library/postgres:17: Debian's server with the official image's contract. */
import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { debian } from './debian.ts'
import type { Recipe } from './recipe.ts'
import { SWEEP } from './root.ts'

/**
 * The just-in-time compiler: 160 MB that slow Odoo's short queries. The server does without it when it is not there.
 * Left out with it: the character maps of which the one locale was made.
 */
const JIT = [
  '/usr/lib/x86_64-linux-gnu/libLLVM*',
  '/usr/lib/x86_64-linux-gnu/libz3.so.*',
  '/usr/lib/postgresql/17/lib/bitcode',
  '/usr/lib/postgresql/17/lib/llvmjit*',
].join(' ')

const BIN = '/usr/lib/postgresql/17/bin'

export const postgres: Recipe = {
  name: 'docker.io/library/postgres:17',
  bases: [debian.name],
  sources: ['test/cluster/images/postgres.ts', 'test/cluster/images/postgres'],
  async build(workshop) {
    await workshop.commit(this.name, debian.name, async (container) => {
      workshop.step('apt-get install postgresql-17')
      await container.shell(`
        export DEBIAN_FRONTEND=noninteractive
        groupadd --system --gid=999 postgres
        useradd --system --gid=postgres --uid=999 --home-dir=/var/lib/postgresql --shell=/bin/bash postgres
        apt-get update -q
        mkdir -p /etc/postgresql-common
        apt-get install -q -y --no-install-recommends locales libnss-wrapper postgresql-common
        echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
        localedef -i en_US -c -f UTF-8 -A /usr/share/locale/locale.alias en_US.UTF-8
        apt-get install -q -y --no-install-recommends postgresql-17
        sed -ri "s/^#?listen_addresses = .*/listen_addresses = '*'/" /usr/share/postgresql/17/postgresql.conf.sample
        mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data
        install -d -o postgres -g postgres -m 1777 /var/run/postgresql
        chown postgres:postgres /var/lib/postgresql /var/lib/postgresql/data
        chmod 1777 /var/lib/postgresql/data
        rm -rf /usr/share/i18n ${JIT}
        ${SWEEP}`)
      const entrypoint = join(container.mount, 'usr/local/bin/docker-entrypoint.sh')
      copyFileSync(join(workshop.root, 'test/cluster/images/postgres/docker-entrypoint.sh'), entrypoint)
      chmodSync(entrypoint, 0o755)
      await container.config({
        env: [
          `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${BIN}`,
          'LANG=en_US.utf8',
          'PG_MAJOR=17',
          'PGDATA=/var/lib/postgresql/data',
        ],
        entrypoint: '["docker-entrypoint.sh"]',
        cmd: '["postgres"]',
        port: '5432',
        volume: '/var/lib/postgresql/data',
        'stop-signal': 'SIGINT',
      })
    })
  },
}
