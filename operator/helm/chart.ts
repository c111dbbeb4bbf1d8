/**
 * A chart as read from its folder, in the form that Helm's release record stores, with its digest. Charts are part of
 * the operator's image: whoever reads one keeps it. Subcharts and CRDs are refused, since `helm template` would
 * render the first from elsewhere and Helm never upgrades the second.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, matchesGlob, relative } from 'node:path'
import { parse } from 'yaml'
import { digestOf } from './digest.ts'
import { ReleaseFailure } from './failure.ts'

/** One file of a chart in a release record. */
interface ChartFile {
  readonly name: string
  /** Content in base64. */
  readonly data: string
}

/** The chart inside a release record, with Helm's own field names. */
export interface ChartRecord {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string }
  readonly lock: null
  readonly templates: readonly ChartFile[]
  readonly values: Readonly<Record<string, unknown>>
  /** values.schema.json in base64. */
  readonly schema: string | null
  readonly files: readonly ChartFile[]
}

export interface Chart {
  readonly folder: string
  readonly name: string
  readonly version: string
  /** Of what the record stores; equal for the same chart in another folder. */
  readonly digest: string
  readonly record: ChartRecord
}

/** Reads a chart folder. Throws ReleaseFailure `RenderFailed` when it is none that a release can be made from. */
export async function loadChart(folder: string): Promise<Chart> {
  const refuse = (why: string) =>
    new ReleaseFailure('RenderFailed', 'input', `${folder} is not a chart that can be deployed: ${why}`)
  const contents = await readFolder(folder).catch((problem: Error) => {
    throw refuse(problem.message)
  })
  const take = (name: string): Buffer | undefined => {
    const content = contents.get(name)
    contents.delete(name)
    return content
  }

  const metadata = object(parse(take('Chart.yaml')?.toString() ?? ''))
  const { name, version } = metadata ?? {}
  if (!metadata || typeof name !== 'string' || typeof version !== 'string')
    throw refuse('Chart.yaml with name and version is missing')
  for (const path of contents.keys())
    if (/^(charts|crds)\//.test(path))
      throw refuse(`it has ${path}, and subcharts and CRDs are not supported`)

  const values = object(parse(take('values.yaml')?.toString() ?? '')) ?? {}
  const schema = take('values.schema.json')?.toString('base64') ?? null
  const all = [...contents].map(([path, content]) => ({ name: path, data: content.toString('base64') }))
  const record: ChartRecord = {
    metadata: { ...metadata, name, version },
    lock: null,
    templates: all.filter((file) => file.name.startsWith('templates/')),
    values,
    schema,
    files: all.filter((file) => !file.name.startsWith('templates/')),
  }
  return { folder, name, version, digest: chartDigest(record), record }
}

/** The digest of a stored chart: what the Helm CLI adds when it stores one (times, .helmignore, empty members) does not count. */
export function chartDigest(chart: ChartRecord): string {
  const files = (list: readonly ChartFile[] | null | undefined) =>
    (list ?? [])
      .filter(({ name }) => !isHidden(name))
      .map(({ name, data }) => [name, data])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return digestOf({
    metadata: present(chart.metadata),
    templates: files(chart.templates),
    values: chart.values ?? {},
    schema: chart.schema ?? '',
    files: files(chart.files),
  })
}

/** Every file by its path with forward slashes, sorted, without hidden ones and those .helmignore names. */
async function readFolder(folder: string): Promise<Map<string, Buffer>> {
  const ignored = await readFile(join(folder, '.helmignore'), 'utf8').catch(() => '')
  const patterns = ignored.split('\n').map((line) => line.trim())
  const skip = (path: string) =>
    isHidden(path) ||
    patterns.some((pattern) => pattern !== '' && !pattern.startsWith('#') && matches(path, pattern))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  const kept = paths.filter((path) => !skip(path)).sort()
  return new Map(
    await Promise.all(kept.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  )
}

/** .helmignore as far as charts use it: a name or glob of a file or folder, at any depth unless it has a slash. */
function matches(path: string, pattern: string): boolean {
  const glob = pattern.replace(/\/$/, '')
  const anywhere = glob.includes('/') ? glob.replace(/^\//, '') : `**/${glob}`
  return matchesGlob(path, anywhere) || matchesGlob(path, `${anywhere}/**`)
}

function object(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** Without members that are null or empty. */
function present(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== ''))
}

const isHidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.'))
