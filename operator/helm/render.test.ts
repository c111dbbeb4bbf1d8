/** The renderer against programs that behave badly; the real Helm is in odoo-tenant-chart.test.ts. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { helmRenderer } from './render.ts'
import { sentenceOf } from './renderer.ts'

const folder = mkdtempSync(join(tmpdir(), 'render-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const request = { release: 'acme', namespace: 'n', chart: '/charts/c', values: { image: 'odoo:18.0' } }
const render = (script: string, more: { timeoutMs?: number; maxBytes?: number } = {}, signal?: AbortSignal) =>
  helmRenderer({ helm: program(`p${Math.random()}`, script), kubeVersion: '1.33.0', ...more }).render(
    request,
    signal,
  )

describe('helmRenderer', () => {
  it('gives helm the values by standard input and nothing of our environment', async () => {
    process.env.TENANTOPS_SECRET_FOR_TEST = 'x'
    const { manifest: text } = await render('echo "# $@"; cat; echo; env | sed "s/^/# /"')
    delete process.env.TENANTOPS_SECRET_FOR_TEST
    expect(text).toContain(
      '# template acme /charts/c -n n -f - --kube-version 1.33.0 --skip-tests\n{"image":"odoo:18.0"}\n',
    )
    expect(text).toContain('HELM_NO_PLUGINS=1')
    expect(text).not.toMatch(/TENANTOPS_SECRET_FOR_TEST|KUBERNETES_SERVICE/)
  })

  it('removes its folder afterwards', async () => {
    const home = (await render('cat >/dev/null; echo "$HOME"')).manifest.trim()
    expect(home).toContain('tenantops-helm-')
    expect(() => readFileSync(home)).toThrow('ENOENT')
  })

  it.each([
    ['a refusal', 'echo "Error: chart is wrong" >&2; exit 1', {}, 'chart is wrong', 'input'],
    ['a crash without a word', 'kill -9 $$', {}, 'helm ended with code none and no message', 'input'],
    [
      'no end',
      'trap "" TERM; sleep 60 & wait; wait',
      { timeoutMs: 200 },
      'helm gave no manifest within 0.2 s',
      'later',
    ],
    ['too much', 'yes', { maxBytes: 100_000 }, 'the manifest is larger than 100000 bytes', 'later'],
  ])('ends %s with one sentence', async (_what, script, limits, sentence, remedy) => {
    await expect(render(script, limits)).rejects.toMatchObject({
      name: 'ReleaseFailure',
      reason: 'RenderFailed',
      remedy,
      message: expect.stringContaining(`chart /charts/c cannot be rendered for release acme: ${sentence}`),
    })
  })

  it('says when helm is not there', async () => {
    const missing = helmRenderer({ helm: '/nowhere/helm', kubeVersion: '1.33.0' })
    await expect(missing.render(request)).rejects.toThrow('/nowhere/helm does not start')
  })

  it('stops with the operator', async () => {
    const stop = new AbortController()
    const running = render('sleep 60', {}, stop.signal)
    setTimeout(() => stop.abort(), 50)
    await expect(running).rejects.toThrow('the operator is stopping')
  })
})

describe('sentenceOf', () => {
  it.each([
    ['level=WARN msg="x"\nError: a\nUse --debug flag to render out invalid YAML\n', 'a'],
    [
      'Error: values do not fit:\n- at /b: got number\n- at /a: got number\n',
      'values do not fit: - at /a: got number - at /b: got number',
    ],
  ])('makes one line of %j', (errors, sentence) => {
    expect(sentenceOf(errors)).toBe(sentence)
  })
})
