import { expect, onTestFinished, test } from 'vitest'
import { serveHealth } from './health.ts'
import { createMetrics } from './metrics.ts'

test('alive at once, ready when nothing is missing, numbers as they are when asked', async () => {
  const metrics = createMetrics()
  const missing = ['list of secrets']
  let depth = 1
  metrics.queueDepth('tenant', () => ({ ready: depth, waiting: 0, working: 0, slow: 0 }))
  metrics.storeSize('secrets', () => 2)
  metrics.storeSize('secrets', () => 3)
  const server = await serveHealth({
    host: '127.0.0.1',
    port: 0,
    registry: metrics.registry,
    missing: () => missing,
  })
  onTestFinished(() => server.close())
  const page = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return `${answer.status} ${await answer.text()}`
  }
  expect(await page('/healthz')).toBe('200 ok\n')
  expect(await page('/readyz')).toBe('503 waiting for: list of secrets\n')
  missing.length = 0
  expect(await page('/readyz?verbose')).toBe('200 ok\n')
  depth = 7
  const numbers = await page('/metrics')
  expect(numbers).toContain('tenantops_queue_keys{controller="tenant",state="ready"} 7')
  expect(numbers).toContain('tenantops_cached_objects{resource="secrets"} 5')
  expect(await page('/')).toMatch(/^404/)
  await expect(
    serveHealth({ host: '127.0.0.1', port: server.port, registry: metrics.registry, missing: () => [] }),
  ).rejects.toThrow('EADDRINUSE')
})

test.each(['127.0.0.1', '[::1]'])('without a host it is reached at %s too', async (address) => {
  const server = await serveHealth({ port: 0, registry: createMetrics().registry, missing: () => [] })
  onTestFinished(() => server.close())
  expect((await fetch(`http://${address}:${server.port}/healthz`)).status).toBe(200)
})
