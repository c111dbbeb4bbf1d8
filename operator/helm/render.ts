/** Turns a chart and values into a manifest by one `helm template` process, without a cluster. */

export interface RenderRequest {
  readonly release: string
  readonly namespace: string
  /** Folder of the chart. */
  readonly chart: string
  /** Plain JSON; sent by standard input, never on a command line. */
  readonly values: object
}

export interface ChartRenderer {
  /** The manifest as YAML documents. Throws ReleaseFailure `RenderFailed`. */
  render(request: RenderRequest, signal?: AbortSignal): Promise<string>
}

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
