/** The cluster that is made here, from Go modules and Debian packages: its life from name to removal. */

import { join } from 'node:path'
import { ensureKube } from '../binaries.ts'
import { endAbandonedBuilds } from '../builds.ts'
import type { Cluster, ClusterOptions } from '../cluster.ts'
import { withLock } from '../images/lock.ts'
import { clusterDirectory, runDirectory } from '../paths.ts'
import { checkPrerequisites } from '../prerequisites.ts'
import { identify, isAlive, recordedProcesses, startProcess } from '../processes.ts'
import { ClusterError, type Log } from '../progress.ts'
import type { Provider } from '../providers.ts'
import { findCell } from './cell.ts'
import { removeCluster } from './cleanup.ts'
import { importImage } from './containerd.ts'
import { kubeconfigOf, startControlPlane } from './control-plane.ts'
import { startFleet } from './fleet.ts'
import { startFull } from './full.ts'
import { freePorts } from './ports.ts'
import { type ClusterRecord, createRecord, readRecord, recordedNames, writeRecord } from './record.ts'
import { stopOnSignals } from './signals.ts'

export const embedded: Provider = {
  offered: async () => process.platform === 'linux',
  start,
  stop: async (name) => {
    if (!recordedNames().includes(name)) return false
    await removeCluster(name)
    return true
  },
}

async function start(options: ClusterOptions): Promise<Cluster> {
  const { name, profile, keep = false, log } = options
  if (!/^[a-z][-a-z0-9]{0,18}[a-z0-9]$|^[a-z]$/.test(name)) {
    throw new ClusterError(
      `"${name}" is no cluster name: use up to 20 lower-case letters, digits and dashes, a letter first.`,
    )
  }
  await checkPrerequisites(profile)
  await removeAbandoned(log)
  const running = readRecord(name)
  if (running?.ready && running.keep) return joinRunning(running, options)

  const owner = identify(process.pid)
  if (owner === undefined) throw new Error('this process is not in /proc')
  const record: ClusterRecord = { name, profile, keep, owner, ready: false }
  if (!createRecord(record)) {
    throw new ClusterError(
      `Another process (${readRecord(name)?.owner.pid ?? 'unknown'}) uses the cluster name ${name}: take another name.`,
    )
  }
  const forget = stopOnSignals(async () => {
    await removeCluster(name)
    endAbandonedBuilds({ mine: true })
  })
  const stop = async () => {
    await removeCluster(name)
    forget()
  }
  try {
    await startParts(options)
    writeRecord({ ...record, ready: true })
  } catch (error) {
    await stop()
    throw error
  }
  if (keep) forget()
  return clusterOf(record, stop)
}

async function startParts({ name, profile, images = [], log }: ClusterOptions): Promise<void> {
  if (profile === 'full') return startFull(name, images, log)
  if (profile === 'fleet') return startFleet(name, log)
  const run = clusterDirectory(name)
  const kube = await ensureKube(log)
  const [apiserver = 0, etcd = 0, etcdPeer = 0] = await freePorts(3)
  await startControlPlane(
    {
      name,
      run,
      kube,
      launch: (component, argv, env) => startProcess(run, component, argv, env),
      address: '127.0.0.1',
      ports: { apiserver, etcd, etcdPeer },
      serviceRange: '10.96.0.0/16',
      apiserverService: '10.96.0.1',
    },
    log,
  )
}

/** The kept cluster of this name; `stop` leaves it running, because this start did not make it. */
function joinRunning(record: ClusterRecord, { profile, log }: ClusterOptions): Cluster {
  if (record.profile !== profile) {
    throw new ClusterError(
      `The cluster ${record.name} runs with profile ${record.profile}: stop it first, or take another name.`,
    )
  }
  log(`joining the running cluster ${record.name}`)
  return clusterOf(record, async () => {})
}

function clusterOf({ name, profile }: ClusterRecord, stop: () => Promise<void>): Cluster {
  return {
    name,
    kubeconfig: kubeconfigOf(clusterDirectory(name)),
    profile,
    provider: 'embedded',
    loadImage: async (archive) => {
      const cell = findCell(clusterDirectory(name))
      if (cell !== undefined) return importImage(cell, archive)
      throw new ClusterError(
        `The cluster ${name} has no node to load an image into: start it with profile full.`,
      )
    },
    stop,
  }
}

/** Removes what crashed starters left: clusters that were not to be kept, never got ready, or died with the machine. */
async function removeAbandoned(log: Log): Promise<void> {
  // One process at a time looks and removes, so that none removes what another has just begun under the same name.
  await withLock(
    join(runDirectory, 'removal.lock'),
    () => {},
    async () => {
      for (const name of recordedNames().filter(isAbandoned)) {
        log(`removing the cluster ${name}, whose starter is gone`)
        await removeCluster(name)
      }
    },
  )
}

function isAbandoned(name: string): boolean {
  const record = readRecord(name)
  if (record === undefined || isAlive(record.owner)) return false
  const apiserver = recordedProcesses(clusterDirectory(name)).get('kube-apiserver')
  return !(record.keep && record.ready && apiserver !== undefined && isAlive(apiserver))
}
