/** The engine's life with programs that behave badly; the real program is in test/integration/helm-engine.test.ts. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { HelmEngine, type HelmEngineOptions } from './engine.ts'
import { openRenderer } from './open-renderer.ts'

const folder = mkdtempSync(join(tmpdir(), 'engine-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const opened: HelmEngine[] = []
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close()
})

/** A program that runs `body` for each request `asked`; `answer(more)` answers it. `life` counts its starts. */
function engineOf(body: string, more: Partial<HelmEngineOptions> = {}) {
  const program = join(folder, `p${opened.length}-${Math.random()}`)
  const lives = `${program}.lives`
  writeFileSync(lives, '')
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
appendFileSync('${lives}', 'x')
const life = readFileSync('${lives}').length
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = JSON.parse(line)
  const answer = (more) => console.log(JSON.stringify({ id: asked.id, manifest: asked.release, documents: [asked.values], ...more }))
  ${body}
}).on('close', () => process.exit())
`,
  )
  chmodSync(program, 0o755)
  const engine = new HelmEngine({ program, kubeVersion: '1.33.0', ...more })
  opened.push(engine)
  return { engine, lives: () => readFileSync(lives).length }
}

const request = (release: string) => ({
  release,
  namespace: 'n',
  chart: '/charts/c',
  values: { name: release },
})
const refused = (sentence: string, remedy: string) => ({
  name: 'ReleaseFailure',
  reason: 'RenderFailed',
  remedy,
  message: expect.stringContaining(sentence),
})

describe('HelmEngine', () => {
  it('gives each its own answer, whatever the order of the answers, from one program', async () => {
    const { engine, lives } = engineOf(
      'globalThis.held ??= []; held.push(answer); if (held.length === 3) for (const give of held.reverse()) give()',
    )
    const all = await Promise.all(['a', 'b', 'c'].map((name) => engine.render(request(name))))
    expect(all).toEqual(['a', 'b', 'c'].map((name) => ({ manifest: name, documents: [{ name }] })))
    expect(lives()).toBe(1)
  })

  it('gives the program nothing of our environment', async () => {
    process.env.TENANTOPS_SECRET_FOR_TEST = 'x'
    const { engine } = engineOf('answer({ manifest: JSON.stringify([process.env, process.argv.slice(2)]) })')
    const { manifest } = await engine.render(request('a'))
    delete process.env.TENANTOPS_SECRET_FOR_TEST
    expect(JSON.parse(manifest)).toEqual([{ GOGC: '400' }, ['-kube-version=1.33.0', '-max-bytes=4194304']])
  })

  it.each([
    [
      'a refusal',
      'answer({ error: "values do not fit:\\n- at /b: wrong\\n- at /a: wrong" })',
      {},
      'values do not fit: - at /a: wrong - at /b: wrong',
      'input',
    ],
    [
      'a crash, twice',
      'console.error("fatal error: out of memory"); process.exit(2)',
      {},
      'ended (exit code 2): fatal error: out of memory',
      'later',
    ],
    ['nonsense, twice', 'console.log("hello")', {}, 'answered something that is not JSON', 'later'],
    ['no answer', '', { timeoutMs: 100 }, 'helm-engine gave no answer within 0.1 s', 'later'],
  ])('makes one sentence of %s', async (_what, body, limits, sentence, remedy) => {
    const { engine } = engineOf(body, limits)
    await expect(engine.render(request('a'))).rejects.toMatchObject(
      refused(`chart /charts/c cannot be rendered for release a: `, remedy),
    )
    await expect(engine.render(request('a'))).rejects.toMatchObject(refused(sentence, remedy))
  })

  it('asks again what a program owed that was killed in the middle; the caller does not notice', async () => {
    const { engine, lives } = engineOf('if (life > 1) answer()')
    const rendering = Promise.all([engine.render(request('a')), engine.render(request('b'))])
    await vi.waitFor(() => expect(lives()).toBe(1))
    process.kill(engine.pid as number, 'SIGKILL')
    expect(await rendering).toMatchObject([{ manifest: 'a' }, { manifest: 'b' }])
    expect(lives()).toBe(2)
  })

  it('kills a program that hangs, and serves the next with a new one', async () => {
    // A shell starts faster than the deadline, also on a machine that has much else to do.
    const program = join(folder, 'hangs')
    const lives = `${program}.lives`
    const answer = '{"id":1,"manifest":"a","documents":[]}'
    writeFileSync(
      program,
      `#!/bin/sh\nread -r line\nif [ -e ${lives} ]; then echo '${answer}'; fi\n: >${lives}\nread -r line\n`,
    )
    chmodSync(program, 0o755)
    const engine = new HelmEngine({ program, kubeVersion: '1.33.0', timeoutMs: 2_000 })
    opened.push(engine)
    const hanging = engine.render(request('a'))
    const { pid } = await vi.waitUntil(() => (engine.pid === undefined ? false : engine))
    await expect(hanging).rejects.toMatchObject(refused('within 2 s', 'later'))
    expect(await engine.render(request('a'))).toMatchObject({ manifest: 'a' })
    expect(engine.starts).toBe(2)
    // It was killed before the answer, and is gone when the kernel has seen to it.
    await vi.waitFor(() => expect(() => process.kill(pid as number, 0)).toThrow('ESRCH'))
  })

  it('has so many requests in the program at a time, and no more', async () => {
    const { engine } = engineOf(
      'globalThis.open = (globalThis.open ?? 0) + 1; const now = open; setTimeout(() => { globalThis.open -= 1; answer({ manifest: String(now) }) }, 5)',
      { atOnce: 3 },
    )
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => engine.render(request(`r${index}`))),
    )
    expect(Math.max(...all.map(({ manifest }) => Number(manifest)))).toBe(3)
  })

  it('ends its program when nobody asked for a while, and starts it again', async () => {
    const { engine, lives } = engineOf('answer()', { idleMs: 20 })
    await engine.render(request('a'))
    const { pid } = engine
    await vi.waitFor(() => expect(() => process.kill(pid as number, 0)).toThrow('ESRCH'))
    expect(engine.pid).toBeUndefined()
    await engine.render(request('b'))
    expect(lives()).toBe(2)
  })

  it('stops with the operator: what is under way and what waits is told so', async () => {
    const { engine } = engineOf('', { atOnce: 1 })
    const rendering = [engine.render(request('a')), engine.render(request('b'))]
    const told = Promise.allSettled(rendering)
    const { pid } = await vi.waitUntil(() => (engine.pid === undefined ? false : engine))
    await engine.close()
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH')
    for (const result of await told)
      expect(result).toMatchObject({ reason: refused('the operator is stopping', 'later') })
    await expect(engine.render(request('c'))).rejects.toThrow('the operator is stopping')
  })

  it('leaves a request whose caller has gone', async () => {
    const { engine } = engineOf('if (asked.release !== "a") answer()')
    const stop = new AbortController()
    const rendering = engine.render(request('a'), stop.signal)
    stop.abort()
    await expect(rendering).rejects.toThrow('the operator is stopping')
    expect(await engine.render(request('b'))).toMatchObject({ manifest: 'b' })
  })

  it('reads a manifest, and says what is wrong with one', async () => {
    const { engine } = engineOf(
      'answer(asked.manifest === "bad" ? { error: "the manifest is not YAML: line 1" } : { documents: [asked.manifest] })',
    )
    expect(await engine.read('text')).toEqual(['text'])
    await expect(engine.read('bad')).rejects.toMatchObject({
      ...refused('', 'input'),
      message: 'the manifest is not YAML: line 1',
    })
  })

  it('says when the program does not start', async () => {
    const engine = new HelmEngine({ program: '/nowhere/helm-engine', kubeVersion: '1.33.0' })
    opened.push(engine)
    await expect(engine.render(request('a'))).rejects.toMatchObject(
      refused('helm-engine does not start (spawn /nowhere/helm-engine ENOENT)', 'later'),
    )
  })
})

describe('openRenderer', () => {
  it('takes the Helm CLI where the engine is missing, and says so once', async () => {
    const helm = join(folder, 'helm')
    writeFileSync(helm, '#!/bin/sh\ncat >/dev/null; echo "a: 1"\n')
    chmodSync(helm, 0o755)
    const warnings: string[] = []
    const warn = (sentence: string) => warnings.push(sentence)
    const renderer = openRenderer({ engine: join(folder, 'none'), helm, kubeVersion: '1.33.0', warn })
    expect(await renderer.render(request('a'))).toEqual({ manifest: 'a: 1\n', documents: [{ a: 1 }] })
    expect(await renderer.read('b: 2')).toEqual([{ b: 2 }])
    await renderer.render(request('b'))
    expect(warnings).toEqual([
      expect.stringMatching(
        /^setting TENANTOPS_HELM_ENGINE: .*none is no program; releases are rendered by .*helm, one process each/,
      ),
    ])
    await renderer.close()
  })
})
