/** The real kubectl and helm against one cluster: how the demo, the stories and the benches do what a person would do. */
import { type CommandResult, command, tryCommand } from '../test/cluster/command.ts'
import { ensureTools } from '../test/cluster/tools.ts'

export interface Kubectl {
  readonly kubeconfig: string
  /** Standard output; throws with what kubectl said. */
  run(...args: readonly string[]): Promise<string>
  /** Never throws. */
  try(...args: readonly string[]): Promise<CommandResult>
  /** Never throws; `input` is its standard input. */
  tryWith(input: string, ...args: readonly string[]): Promise<CommandResult>
  /** `kubectl apply --server-side` of a manifest given as text. */
  apply(manifest: string): Promise<string>
  /** Same, of a file or folder; says what kubectl said when it is refused. */
  applyPath(path: string): Promise<string>
  /** `kubectl get … -o json`, or undefined when it is not there. */
  get<T>(...args: readonly string[]): Promise<T | undefined>
  helm(...args: readonly string[]): Promise<string>
  tryHelm(...args: readonly string[]): Promise<CommandResult>
}

export async function openKubectl(kubeconfig: string): Promise<Kubectl> {
  const tools = await ensureTools()
  const env = { KUBECONFIG: kubeconfig }
  const run = (...args: readonly string[]) => command(tools.kubectl, args, { env })
  return {
    kubeconfig,
    run,
    try: (...args) => tryCommand(tools.kubectl, args, { env }),
    tryWith: (input, ...args) => tryCommand(tools.kubectl, args, { env, input }),
    apply: (manifest) =>
      command(tools.kubectl, ['apply', '--server-side', '--force-conflicts', '-f', '-'], {
        env,
        input: manifest,
      }),
    applyPath: (path) => run('apply', '--server-side', '--force-conflicts', '-f', path),
    get: async <T>(...args: readonly string[]) => {
      const result = await tryCommand(tools.kubectl, ['get', ...args, '-o', 'json'], { env })
      if (result.code !== 0 && /NotFound|not found/.test(result.stderr)) return undefined
      if (result.code !== 0) throw new Error(`kubectl get ${args.join(' ')}: ${result.stderr}`)
      return JSON.parse(result.stdout) as T
    },
    helm: (...args) => command(tools.helm, args, { env }),
    tryHelm: (...args) => tryCommand(tools.helm, args, { env }),
  }
}
