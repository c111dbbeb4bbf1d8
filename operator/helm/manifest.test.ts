import { describe, expect, it } from 'vitest'
import { readDocuments } from './documents.ts'
import { releaseObjects } from './manifest.ts'
import { inInstallOrder, inRemovalOrder } from './order.ts'
import { target } from './sample-chart.ts'
import type { ReleaseTarget } from './target.ts'

const config = (metadata: string, more = '') =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\n${more}`

const parseManifest = (manifest: string, of: ReleaseTarget, skipped?: Parameters<typeof releaseObjects>[2]) =>
  releaseObjects(readDocuments(manifest), of, skipped)

describe('releaseObjects', () => {
  it('fills in the namespace, and skips empty documents and comments', () => {
    const objects = parseManifest(`---\n# Source: a\n---\n${config('{name: a}')}---\n`, target)
    expect(objects).toMatchObject([
      { id: '/ConfigMap/a', keep: false, object: { metadata: { name: 'a', namespace: 'customers-acme' } } },
    ])
  })

  it('says the same text for the same object, whatever comments, order and quotes', () => {
    const [first] = parseManifest(config('{name: a}', 'data:\n  a: "1"\n  b: "2"\n'), target)
    const [second] = parseManifest(config("{name: 'a'} # a comment", 'data: {"b": "2", "a": "1"}\n'), target)
    expect(second?.text).toBe(first?.text)
  })

  it('reads YAML as Helm and Kubernetes do', () => {
    // What Helm 4.1.4 makes of the same text.
    const expected = {
      ...{ a: true, b: true, c: false, d: 288, e: '2026-11-22', f: '1:30', g: 15, h: 1000, i: 3, j: 0.5 },
      ...{ k: 1000, l: null, m: 31, p: 12000, q: 1, r: '2026-11-22T05:00:00Z', s: '<<', t: '=', u: 9, v: 1 },
      true: 1,
    }
    const text =
      'a: y|b: yes|c: Off|d: 0440|e: 2026-11-22|f: 1:30|g: 0o17|h: 1_000|i: 0b11|j: .5|k: 1e3|l: ~|m: 0x1F|' +
      'p: 12e03|q: +1|r: 2026-11-22T05:00:00Z|s: <<|t: =|u: 09|v: 1.|y: 1'
    const [object] = parseManifest(config('{name: a}', `data:\n  ${text.replaceAll('|', '\n  ')}\n`), target)
    expect(object?.object).toHaveProperty('data', expected)
  })

  it.each([
    [
      '{name: a, namespace: kube-system}',
      'is for namespace kube-system, and this release may only fill customers-acme',
    ],
    [
      '{name: a, annotations: {helm.sh/hook: pre-upgrade}}',
      'is a Helm hook (pre-upgrade), and hooks do not run here',
    ],
  ])('refuses metadata %s', (metadata, why) => {
    expect(() => parseManifest(config(metadata), target)).toThrow(`the chart's ConfigMap a ${why}`)
  })

  it.each([
    ['two of a name', config('{name: a}') + config('{name: a}'), 'is in the manifest twice'],
    [
      'a kind without rights',
      '{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}}',
      'the operator has no rights to',
    ],
    [
      'a cluster-wide kind',
      '{apiVersion: v1, kind: Namespace, metadata: {name: a}}',
      'is not in a namespace',
    ],
    ['no object', 'a: 1', 'renders something without apiVersion, kind and metadata.name'],
    ['no YAML', 'a: b: c', 'the manifest is not YAML'],
  ])('refuses %s', (_what, manifest, why) => {
    expect(() => parseManifest(manifest, target)).toThrow(why)
  })

  it('can skip what it refuses, for manifests that somebody else deployed', () => {
    const said: string[] = []
    const objects = parseManifest(
      `${config('{name: a}')}${config('{name: b, namespace: other}')}`,
      target,
      ({ message }) => said.push(message),
    )
    expect(objects.map(({ name }) => name)).toEqual(['a'])
    expect(said).toEqual([expect.stringContaining('ConfigMap b is for namespace other')])
  })
})

describe('the order', () => {
  it('makes what others need first, and removes it last', () => {
    const manifest = [
      'Ingress networking.k8s.io/v1',
      'Deployment apps/v1',
      'Service v1',
      'Secret v1',
      'NetworkPolicy networking.k8s.io/v1',
      'Secret v1',
    ]
      .map(
        (line, index) =>
          `---\n{kind: ${line.split(' ')[0]}, apiVersion: ${line.split(' ')[1]}, metadata: {name: o${index}}}\n`,
      )
      .join('')
    const objects = parseManifest(manifest, target)
    const kindsOf = (groups: readonly (readonly { kind: { kind: string } }[])[]) =>
      groups.map((group) => `${group.length} ${group[0]?.kind.kind}`)
    const order = ['1 NetworkPolicy', '2 Secret', '1 Service', '1 Deployment', '1 Ingress']
    expect(kindsOf(inInstallOrder(objects))).toEqual(order)
    expect(kindsOf(inRemovalOrder(objects))).toEqual([...order].reverse())
  })
})
