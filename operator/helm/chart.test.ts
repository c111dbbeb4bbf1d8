import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { chartDigest, loadChart } from './chart.ts'
import { releaseDigest } from './digest.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const plain = {
  'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
  'values.yaml': 'a: 1\n',
  'templates/a.yaml': 'x: {{ .Values.a }}\n',
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'chart-test-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
const digestOfFiles = async (files: Readonly<Record<string, string>>) =>
  (await loadChart(folderWith(files))).digest

describe('loadChart', () => {
  it('has the digest of what it holds, wherever it is', async () => {
    const digest = await digestOfFiles(plain)
    expect(await digestOfFiles(plain)).toBe(digest)
    for (const path of Object.keys(plain))
      expect(
        await digestOfFiles({ ...plain, [path]: `${plain[path as keyof typeof plain]}b: 2\n` }),
      ).not.toBe(digest)
    expect(await digestOfFiles({ ...plain, 'values.schema.json': '{}' })).not.toBe(digest)
    expect(await digestOfFiles({ ...plain, 'data/x.txt': 'x' })).not.toBe(digest)
    expect(
      await digestOfFiles({
        ...plain,
        '.helmignore': '*.md\ndocs/\n',
        'README.md': 'x',
        'docs/a/b.txt': 'y',
        '.git/x': '',
      }),
    ).toBe(digest)
  })

  it('has the digest that the record in the cluster gives, also when the CLI wrote it', async () => {
    const { record, digest } = await loadChart(folderWith(plain))
    const byHelm = {
      ...record,
      metadata: { ...record.metadata, deprecated: null, home: '' },
      templates: record.templates.map((file) => ({ ...file, modtime: '2026-11-22T05:00:00Z' })),
      schema: null,
      files: [{ name: '.helmignore', data: '' }],
    }
    expect(chartDigest(byHelm as never)).toBe(digest)
  })

  it.each([
    ['no Chart.yaml', {}, 'Chart.yaml with name and version is missing'],
    [
      'a subchart',
      { ...plain, 'charts/x/Chart.yaml': '' },
      'charts/x/Chart.yaml, and subcharts and CRDs are not supported',
    ],
    ['a CRD', { ...plain, 'crds/x.yaml': '' }, 'crds/x.yaml, and subcharts and CRDs are not supported'],
  ])('refuses %s', async (_what, files, why) => {
    await expect(loadChart(folderWith(files))).rejects.toThrow(why)
  })

  it('refuses a folder that is not there', async () => {
    await expect(loadChart('/nowhere')).rejects.toThrow(
      '/nowhere is not a chart that can be deployed: ENOENT',
    )
  })
})

describe('releaseDigest', () => {
  it('does not mind the order of members or absent ones, and fits a label', () => {
    const digest = releaseDigest('c', { a: 1, b: { c: [1, 2], d: undefined } })
    expect(releaseDigest('c', { b: { c: [1, 2] }, a: 1 })).toBe(digest)
    expect(releaseDigest('c', { b: { c: [2, 1] }, a: 1 })).not.toBe(digest)
    expect(releaseDigest('d', { a: 1, b: { c: [1, 2] } })).not.toBe(digest)
    expect(digest).toMatch(/^[0-9a-f]{40}$/)
  })
})
