/** What turns charts into objects: the engine (`engine.ts`), or the Helm CLI where the engine is not there (`render.ts`). */
import { ReleaseFailure } from './failure.ts'

export interface RenderRequest {
  readonly release: string
  readonly namespace: string
  /** Folder of the chart. */
  readonly chart: string
  /** Plain JSON; sent by standard input, never on a command line. */
  readonly values: object
}

export interface Rendered {
  /** YAML documents: the very text that `helm template` prints. */
  readonly manifest: string
  /** What the documents hold, in their order, empty ones left out. */
  readonly documents: readonly unknown[]
}

export interface ChartRenderer {
  /** Throws ReleaseFailure `RenderFailed`. */
  render(request: RenderRequest, signal?: AbortSignal): Promise<Rendered>
  /** The documents of a manifest that was rendered before. Throws ReleaseFailure `RenderFailed`. */
  read(manifest: string, signal?: AbortSignal): Promise<readonly unknown[]>
}

export function renderFailed(
  { chart, release }: Pick<RenderRequest, 'chart' | 'release'>,
  why: string,
  remedy: 'input' | 'later',
): ReleaseFailure {
  return new ReleaseFailure(
    'RenderFailed',
    remedy,
    `chart ${chart} cannot be rendered for release ${release}: ${why}`,
  )
}

/** Helm's complaint as one line: no prefixes, no advice about --debug, no usage text. Empty when it has none. */
export function sentenceOf(errors: string): string {
  const lines = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(level=|WARNING|W\d{4} |I\d{4} |time=|Use --debug)/.test(line))
  // Helm lists what is wrong with values in any order: the same mistake must give the same sentence.
  const listed = lines.filter((line) => line.startsWith('- ')).sort()
  const told = lines.filter((line) => !line.startsWith('- '))
  return shorten([...told, ...listed].join(' ').replace(/^Error: /, ''))
}

const shorten = (text: string) => (text.length > 600 ? `${text.slice(0, 599)}…` : text)
