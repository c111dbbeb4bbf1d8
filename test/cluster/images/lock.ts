/** One builder at a time for a cache directory, across processes: two starts at once share the work instead of doing it twice. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { identify, isAlive, type ProcessIdentity } from '../processes.ts'

const POLL_MS = 250

/** Waits for the lock, runs `task`, and lets go. A holder that died without letting go is passed over. */
export async function withLock<T>(file: string, onWait: () => void, task: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true })
  const mine = JSON.stringify(identify(process.pid))
  for (let tries = 0; !take(file, mine); tries++) {
    if (tries === 0) onWait()
    await pause(POLL_MS)
  }
  try {
    return await task()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file: string, mine: string): boolean {
  try {
    writeFileSync(file, mine, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  try {
    if (!isAlive(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity)) rmSync(file, { force: true })
  } catch {
    // The holder let go, or has not written its name yet.
  }
  return false
}
