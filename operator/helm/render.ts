/**
 * Turns a chart and values into a manifest by one `helm template` process each, without a cluster: the reference, and what
 * serves where the engine is not there. The process gets an
 * empty environment and folders of its own: no kubeconfig, no plugins, no repositories, nothing of the machine's.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDocuments } from './documents.ts'
import { type ChartRenderer, type RenderRequest, renderFailed, sentenceOf } from './renderer.ts'

export interface HelmRendererOptions {
  /** Path of the helm program. */
  readonly helm: string
  /** Kubernetes version charts are rendered for, such as `1.33.0`: fixed, so that the same input gives the same text. */
  readonly kubeVersion: string
  /** Default 20 s; then SIGTERM, and SIGKILL 2 s later, to the whole process group. */
  readonly timeoutMs?: number | undefined
  /** Largest manifest, default 4 MiB. */
  readonly maxBytes?: number | undefined
}

const killAfterMs = 2_000
const maxErrorBytes = 16_384

export function helmRenderer(options: HelmRendererOptions): ChartRenderer {
  return {
    async render(request, signal) {
      const home = await mkdtemp(join(tmpdir(), 'tenantops-helm-'))
      try {
        const manifest = await run(options, request, home, signal)
        return { manifest, documents: readDocuments(manifest) }
      } finally {
        await rm(home, { recursive: true, force: true })
      }
    },
    read: async (manifest) => readDocuments(manifest),
  }
}

function run(
  options: HelmRendererOptions,
  request: RenderRequest,
  home: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { timeoutMs = 20_000, maxBytes = 4 * 1024 * 1024 } = options
  const { release, namespace, chart } = request
  const args = ['template', release, chart, '-n', namespace, '-f', '-', '--kube-version', options.kubeVersion]
  const refused = (why: string, remedy: 'input' | 'later') => renderFailed(request, why, remedy)

  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(refused('the operator is stopping', 'later'))
    const child = spawn(options.helm, [...args, '--skip-tests'], { detached: true, env: environment(home) })
    const output: Buffer[] = []
    let size = 0
    let errors = ''
    let cutOff: string | undefined

    const stop = (why: string) => {
      cutOff ??= why
      signalGroup(child, 'SIGTERM')
      hardStop ??= setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMs)
    }
    let hardStop: NodeJS.Timeout | undefined
    const deadline = setTimeout(() => stop(`helm gave no manifest within ${timeoutMs / 1000} s`), timeoutMs)
    const aborted = () => stop('the operator is stopping')
    signal?.addEventListener('abort', aborted, { once: true })
    const settle = () => {
      clearTimeout(deadline)
      clearTimeout(hardStop)
      signal?.removeEventListener('abort', aborted)
    }

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes)
        return stop(`the manifest is larger than ${maxBytes} bytes; make the chart smaller`)
      output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-maxErrorBytes)
    })
    child.on('error', (problem) => {
      settle()
      reject(refused(`${options.helm} does not start (${problem.message})`, 'later'))
    })
    child.on('close', (code) => {
      settle()
      if (cutOff !== undefined) reject(refused(cutOff, 'later'))
      else if (code !== 0)
        reject(
          refused(sentenceOf(errors) || `helm ended with code ${code ?? 'none'} and no message`, 'input'),
        )
      else resolve(Buffer.concat(output).toString())
    })
    // A helm that ends before it has read everything closes the pipe; its exit code tells the story.
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify(request.values))
  })
}

function environment(home: string): NodeJS.ProcessEnv {
  return {
    HOME: home,
    TMPDIR: home,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: join(home, 'plugins'),
    HELM_NO_PLUGINS: '1',
    KUBECONFIG: join(home, 'no-kubeconfig'),
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group is gone already.
  }
}
