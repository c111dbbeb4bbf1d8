/**
 * Helm's engine against Helm's own CLI: the same text to the byte, the same objects in the cluster, the same record, over
 * random values of the tenant's chart. And what happens when the engine is killed, or missing, or given nonsense.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartDigest } from '../../operator/helm/chart.ts'
import { readDocuments } from '../../operator/helm/documents.ts'
import { HelmEngine } from '../../operator/helm/engine.ts'
import { fewestValues } from '../../operator/helm/full-values.ts'
import { releaseObjects } from '../../operator/helm/manifest.ts'
import { decodeRelease, type ReleaseSecret, releaseSecretName } from '../../operator/helm/record.ts'
import { deployRelease } from '../../operator/helm/release.ts'
import { releaseClient } from '../../operator/helm/release-client.ts'
import { helmRenderer } from '../../operator/helm/render.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { ensureHelmEngine, ensureTools } from '../cluster/tools.ts'
import { tenantValues } from '../fixtures/tenant-values.ts'
import { chartFolder, closePlaces, openPlace, type Place, release, values } from './helm-place.ts'

const kubeVersion = '1.33.0'
const seed = 20261122
const folder = mkdtempSync(join(tmpdir(), 'helm-engine-test-'))
const { helm } = await ensureTools()
const program = await ensureHelmEngine()
const engine = new HelmEngine({ program, kubeVersion })
const cli = helmRenderer({ helm, kubeVersion })
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
  await closePlaces()
})

const request = (given: object, chart = chartFolder) => ({
  release,
  namespace: 'customers-acme',
  chart,
  values: given,
})
const sentenceOf = (rendering: Promise<unknown>) =>
  rendering.then(
    () => 'no failure',
    (problem: Error) => problem.message,
  )

/** A chart of one's own, for what the tenant's chart never does. */
function chartOf(name: string, files: Readonly<Record<string, string>>): string {
  const chart = join(folder, name)
  mkdirSync(join(chart, 'templates'), { recursive: true })
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(chart, file), content)
  return chart
}

describe('a render', () => {
  it('is that of `helm template` to the byte, for 50 random tenants, and read as JavaScript reads it', async () => {
    const samples = fc.sample(tenantValues, { numRuns: 50, seed })
    const rendered = await Promise.all(samples.map((sample) => engine.render(request(sample))))
    const queue = samples.entries()
    await Promise.all(
      [1, 2].map(async () => {
        for (const [index, sample] of queue) {
          const wanted = await cli.render(request(sample))
          expect(rendered[index]?.manifest).toBe(wanted.manifest)
          expect(rendered[index]?.documents).toEqual(wanted.documents)
        }
      }),
    )
    expect(new Set(rendered.map(({ manifest }) => manifest)).size).toBe(50)
    expect(engine.starts).toBe(1)
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'hooks, tests, notes, partials and empty files',
      {
        'templates/a.yaml':
          '{{- range tuple "b" "a" }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ . }}\n{{- end }}\n',
        'templates/b.yaml':
          'apiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {helm.sh/hook: pre-install}}\n',
        'templates/c.yaml':
          'apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n',
        'templates/d.yaml': '{{ if false }}x{{ end }}\n',
        'templates/_e.tpl': '{{ define "x" }}x{{ end }}',
        'templates/NOTES.txt': 'Thank you',
      },
    ],
    [
      'what it knows of Helm and Kubernetes',
      {
        'templates/a.yaml':
          'a: {{ .Capabilities.KubeVersion }}\nb: {{ .Capabilities.HelmVersion.Version }}\nc: {{ .Capabilities.APIVersions | toJson }}\nd: {{ .Release | toJson }}\ne: {{ .Values | toJson }}\nf: {{ lookup "v1" "Secret" "" "" | toJson }}\n',
        'values.yaml': 'deep: {default: 1, gone: 2}\n',
      },
    ],
  ])('is that of `helm template` also with %s', async (name, files) => {
    const chart = chartOf(`c${name.length}`, files)
    const given = { deep: { gone: null }, big: 12345678, huge: 1e21, half: 0.5, text: '1e3' }
    expect(await engine.render(request(given, chart))).toEqual(await cli.render(request(given, chart)))
  })

  it.each<[string, () => ReturnType<typeof request>]>([
    [
      'values that do not fit the schema',
      () => request({ ...fewestValues, web: { replicas: 'two', extra: 1 }, image: 3 }),
    ],
    [
      'a template that fails',
      () => request({}, chartOf('failing', { 'templates/a.yaml': '{{ fail "choose a plan" }}' })),
    ],
    ['a template that is none', () => request({}, chartOf('torn', { 'templates/a.yaml': '{{ if }}' }))],
    ['a manifest that is no YAML', () => request({}, chartOf('noyaml', { 'templates/a.yaml': 'a: b: c' }))],
    [
      'a chart for another Kubernetes',
      () =>
        request(
          {},
          chartOf('later', {
            'Chart.yaml': 'apiVersion: v2\nname: later\nversion: 1.0.0\nkubeVersion: ">=1.99.0"\n',
          }),
        ),
    ],
    [
      'a library',
      () =>
        request(
          {},
          chartOf('lib', { 'Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n' }),
        ),
    ],
  ])('refuses %s in the words of the CLI', async (_what, asked) => {
    const sentence = await sentenceOf(engine.render(asked()))
    expect(sentence).toMatch(/^chart .* cannot be rendered for release acme: /)
    expect(sentence).toBe(await sentenceOf(cli.render(asked())))
    await expect(engine.render(asked())).rejects.toMatchObject({ reason: 'RenderFailed', remedy: 'input' })
  })

  it('is refused when it is too large, and the engine goes on', async () => {
    const chart = chartOf('large', { 'templates/a.yaml': 'a: {{ repeat 100000 "x" }}' })
    const small = new HelmEngine({ program, kubeVersion, maxBytes: 50_000 })
    await expect(small.render(request({}, chart))).rejects.toThrow(
      `chart ${chart} cannot be rendered for release acme: the manifest is larger than 50000 bytes; make the chart smaller`,
    )
    expect((await small.render(request(fewestValues))).documents).toHaveLength(6)
    expect(small.starts).toBe(1)
    await small.close()
  })

  it('goes on in a new engine when the one it was in is killed', async () => {
    const own = new HelmEngine({ program, kubeVersion })
    await own.render(request(fewestValues))
    const renders = Promise.all(Array.from({ length: 40 }, () => own.render(request(fewestValues))))
    process.kill(own.pid as number, 'SIGKILL')
    const all = await renders
    expect(new Set(all.map(({ manifest }) => manifest)).size).toBe(1)
    expect(own.starts).toBe(2)
    const { pid } = own
    await own.close()
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH')
  })

  it('leaves no trace of one tenant in the next, whatever goes on beside it', async () => {
    const samples = fc.sample(tenantValues, { numRuns: 20, seed: seed + 1 })
    const alone: string[] = []
    for (const sample of samples) alone.push((await engine.render(request(sample))).manifest)
    const together = await Promise.all(
      [...samples, ...samples].map((sample) => engine.render(request(sample))),
    )
    expect(together.map(({ manifest }) => manifest)).toEqual([...alone, ...alone])
  })
})

describe('a release', () => {
  let ours: Place
  let theirs: Place
  beforeAll(async () => {
    ours = await openPlace('engine')
    theirs = await openPlace('command')
  })
  afterAll(async () => {
    await ours?.remove()
    await theirs?.remove()
  })

  it('of ours is one of the Helm CLI: the same live objects, the same record', {
    timeout: 60_000,
  }, async () => {
    const samples = fc.sample(tenantValues, { numRuns: 4, seed: seed + 2 }).map((sample) => ({
      ...sample,
      // What cannot change from one to the next.
      filestore: values().filestore,
    }))
    for (const [index, sample] of samples.entries()) {
      const file = join(folder, 'values.json')
      writeFileSync(file, JSON.stringify(sample))
      await ours.deploy(sample)
      await theirs.helm(...(index === 0 ? ['install'] : ['upgrade']), release, chartFolder, '-f', file)
      expect(await liveOf(ours)).toEqual(await liveOf(theirs))
      for (let revision = 1; revision <= index + 1; revision += 1)
        expect(await recordOf(ours, revision)).toEqual(await recordOf(theirs, revision))
    }
  })

  it('is not begun when the engine is missing', async () => {
    const renderer = new HelmEngine({ program: join(folder, 'none'), kubeVersion })
    const target = { release: 'other', namespace: ours.namespace }
    const deploying = deployRelease(
      { client: releaseClient(ours.kube), renderer, now: Date.now },
      { target, chart: ours.chart, values: values(), revisions: [] },
    )
    await expect(deploying).rejects.toMatchObject({
      reason: 'RenderFailed',
      remedy: 'later',
      message: expect.stringContaining('none does not start (spawn'),
    })
    const ref = { namespace: ours.namespace, name: releaseSecretName('other', 1) }
    expect(await ours.kube.get(kinds.Secret, ref)).toBeUndefined()
  })
})

/** Every object of the release as the API server has it, without what differs from one object to any other. */
async function liveOf(place: Place): Promise<unknown> {
  const secret = await place.kube.get<ReleaseSecret>(kinds.Secret, {
    namespace: place.namespace,
    name: releaseSecretName(release, (await place.revisions())[0]?.revision ?? 0),
  })
  const target = { release, namespace: place.namespace }
  const { manifest } = decodeRelease(secret as ReleaseSecret, target)
  const made = releaseObjects(readDocuments(manifest), target)
  const live = await Promise.all(
    made.map(async ({ id, kind, name }) => {
      const object = await place.kube.get<KubeObject>(kind, { namespace: place.namespace, name })
      return object ? normal(object) : `${id} is missing`
    }),
  )
  return JSON.parse(JSON.stringify(live).replaceAll(place.namespace, 'NAMESPACE'))
}

function normal(object: KubeObject): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: live objects have no type here
  const { status: _, ...copy } = structuredClone(object) as any
  for (const member of ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'finalizers'])
    delete copy.metadata[member]
  // Controllers write these when they get to it.
  delete copy.metadata.annotations?.['deployment.kubernetes.io/revision']
  for (const member of ['clusterIP', 'clusterIPs']) if (copy.kind === 'Service') delete copy.spec[member]
  copy.metadata.managedFields = copy.metadata.managedFields
    .filter((entry: { manager: string }) => entry.manager === 'helm')
    .map(({ time: __, ...entry }: { time: string }) => entry)
  return copy
}

/** A stored revision without its times. */
async function recordOf(place: Place, revision: number): Promise<unknown> {
  const ref = { namespace: place.namespace, name: releaseSecretName(release, revision) }
  const secret = (await place.kube.get<ReleaseSecret>(kinds.Secret, ref)) as ReleaseSecret
  const record = decodeRelease(secret, { release, namespace: place.namespace })
  const { name, version, info, config, manifest, apply_method } = record
  const { status, description } = info
  const { owner, status: label } = secret.metadata.labels ?? {}
  return {
    labels: { owner, status: label },
    ...{ name, version, status, description, config, apply_method, type: secret.type },
    chart: chartDigest(record.chart),
    manifest: manifest.trim().replaceAll(place.namespace, 'NAMESPACE'),
  }
}
