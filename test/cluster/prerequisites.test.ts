import { expect, it } from 'vitest'
import { missing } from './prerequisites.ts'

const good = {
  platform: 'linux',
  uid: 0,
  programs: new Set(['openssl', 'apt-get', 'unshare', 'nsenter']),
  goVersion: 'go version go1.26.8 linux/amd64',
  built: false,
  directories: ['/home/me/tenantops'],
}

it('says nothing when all is there', () => {
  expect(missing('full', good)).toEqual([])
})

it.each([
  ['not Linux', { platform: 'darwin' }, 'Linux only (this is darwin): install Docker and kind'],
  ['no Go', { goVersion: undefined }, 'Go is missing: install Go 1.25 or newer'],
  ['old Go', { goVersion: 'go version go1.19.8 linux/amd64' }, 'Go is too old'],
  ['no root', { uid: 1000 }, 'Pods need root: run the same command with sudo'],
  ['no apt', { programs: new Set(['openssl', 'unshare', 'nsenter']) }, 'apt-get is missing'],
  ['a hidden place', { directories: ['/var/lib/jobs/tenantops'] }, '/var/lib/jobs/tenantops lies where'],
])('%s is one sentence with its remedy', (_, change, sentence) => {
  const said = missing('full', { ...good, ...change })
  expect(said).toHaveLength(1)
  expect(said[0]).toContain(sentence)
})

it('Go is not needed when nothing is left to compile', () => {
  expect(missing('full', { ...good, goVersion: undefined, built: true })).toEqual([])
})

it('the control plane needs neither root nor apt', () => {
  expect(missing('control-plane', { ...good, uid: 1000, programs: new Set(['openssl']) })).toEqual([])
})
