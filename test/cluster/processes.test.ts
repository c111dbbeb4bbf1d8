import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { identify, isAlive, killProcesses, logTail, recordedProcesses, startProcess } from './processes.ts'

it('a process is recorded, logged, and killed by its record', async () => {
  const run = mkdtempSync(join(tmpdir(), 'tenantops-processes-'))
  try {
    const started = startProcess(run, 'sleeper', ['sh', '-c', 'echo awake; exec sleep 60'])
    expect(isAlive(started)).toBe(true)
    expect(recordedProcesses(run).get('sleeper')).toEqual(started)
    await expect.poll(() => logTail(run, 'sleeper')).toContain('awake')
    await killProcesses(recordedProcesses(run).values())
    expect(isAlive(started)).toBe(false)
  } finally {
    rmSync(run, { recursive: true, force: true })
  }
})

it('a recycled pid is not the recorded process', async () => {
  const me = identify(process.pid)
  expect(me).toBeDefined()
  const before = { pid: process.pid, startTime: '1' }
  expect(isAlive(before)).toBe(false)
  await killProcesses([before])
})
