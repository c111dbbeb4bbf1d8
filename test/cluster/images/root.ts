/** Fill a container with a minimal Debian, slim as the official `-slim` images are. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Container, Workshop } from './workshop.ts'

/** Kept out of the root now and by every later `dpkg`: the list of the official slim images. */
const DPKG_SLIM = `force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/groff/*
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
`

/** No package file and no index of packages stays in the layer of an `apt-get install`: the official images' settings. */
const APT_SLIM = `APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
`

/** What no image needs after its packages are in. Run it at the end of every script that installs packages. */
export const SWEEP = `
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/apt /var/log/*.log /tmp/*
find /usr/share/locale -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
find /usr/share/doc -mindepth 2 ! -name copyright -type f -delete
rm -rf /usr/share/man/?? /usr/share/man/??_* /usr/share/man/man* /usr/share/info/* /usr/share/lintian/* /usr/share/groff/*
`

const MIRROR = 'http://deb.debian.org/debian'

/** Releases of Debian that images stand on. */
export type Suite = 'trixie' | 'bookworm' | 'bullseye'

export async function debianRoot(workshop: Workshop, container: Container, suite: Suite): Promise<void> {
  const { mount } = container
  try {
    await workshop.run(['debootstrap', '--variant=minbase', suite, mount, MIRROR])
  } finally {
    await unmountBelow(workshop, mount)
  }
  writeFileSync(join(mount, 'etc/dpkg/dpkg.cfg.d/docker'), DPKG_SLIM)
  writeFileSync(join(mount, 'etc/apt/apt.conf.d/docker'), APT_SLIM)
  // Services are not started by the installation of a package.
  writeFileSync(join(mount, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  rmSync(join(mount, 'etc/apt/sources.list'), { force: true })
  writeFileSync(join(mount, 'etc/apt/sources.list.d/debian.sources'), sources(suite))
}

/** The security suite of bullseye, whose support has ended, lists packages that mirrors no longer have. */
function sources(suite: Suite): string {
  const stanza = (uri: string, suites: string) =>
    `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`
  if (suite === 'bullseye') return stanza(MIRROR, suite)
  return `${stanza(MIRROR, `${suite} ${suite}-updates`)}\n${stanza(`${MIRROR}-security`, `${suite}-security`)}`
}

/** debootstrap mounts /proc inside the root; a failed run leaves it there. */
async function unmountBelow(workshop: Workshop, mount: string): Promise<void> {
  const below = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${mount}/`))
  for (const path of below.reverse()) await workshop.run(['umount', '--lazy', path])
}
