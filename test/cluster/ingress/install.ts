/**
 * A real ingress controller in the cluster: Contour and Envoy as pods in the namespace `projectcontour`, the default
 * ingress class `contour`, and a port on this machine's loopback, so that `http://<name>.localhost:<port>` opens a
 * tenant in a browser and by curl.
 */
import { command } from '../command.ts'
import { contour } from '../images/contour.ts'
import { envoy } from '../images/envoy.ts'
import type { Log } from '../progress.ts'
import { type Manifest, readManifests } from './manifests.ts'
import { publishIngress } from './publish.ts'

/** Load them into the cluster before `installIngress`. */
export const ingressImages: readonly string[] = [contour.name, envoy.name]

const NAMESPACE = 'projectcontour'

export interface IngressOptions {
  readonly kubeconfig: string
  /** Path of the program. */
  readonly kubectl: string
  /** Port of 127.0.0.1 and [::1] on this machine; without it the ingress is not published here. */
  readonly httpPort?: number
  readonly log?: Log
}

/** Resolves when Contour and Envoy are ready and the port answers. Safe to repeat. */
export async function installIngress({
  kubeconfig,
  kubectl,
  httpPort,
  log = () => {},
}: IngressOptions): Promise<void> {
  const run = (args: readonly string[], input?: string) =>
    command(kubectl, args, { env: { KUBECONFIG: kubeconfig }, ...(input === undefined ? {} : { input }) })
  const apply = (manifests: readonly Manifest[]) =>
    run(
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      manifests.map((each) => JSON.stringify(each)).join('\n---\n'),
    )
  const inside = ['--namespace', NAMESPACE, '--timeout=180s']

  const { foundation, certificates, workloads } = await readManifests(log)
  await apply(foundation)
  const definitions = foundation.filter(({ kind }) => kind === 'CustomResourceDefinition')
  // Contour ends when a kind that it watches is unknown, and both wait in vain for certificates that are not there.
  await Promise.all([
    run([
      'wait',
      '--for=condition=Established',
      '--timeout=60s',
      ...definitions.map(({ metadata }) => `crd/${metadata.name}`),
    ]),
    apply([certificates]).then(() =>
      run(['wait', '--for=condition=Complete', `job/${certificates.metadata.name}`, ...inside]),
    ),
  ])
  await apply(workloads)
  await Promise.all(
    workloads.map(({ kind, metadata }) =>
      run(['rollout', 'status', `${kind.toLowerCase()}/${metadata.name}`, ...inside]),
    ),
  )
  if (httpPort !== undefined) await publishIngress({ kubeconfig, address: await nodeAddress(run), httpPort })
}

/** Of the node on which Envoy listens: there is one. */
async function nodeAddress(run: (args: readonly string[]) => Promise<string>): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
  return run(['get', 'nodes', '-o', `jsonpath=${path}`])
}
