/** Contour's own example manifests, from its Go module, fitted to one small node whose images are loaded. */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { cached } from '../cache.ts'
import { command } from '../command.ts'
import { contour, contourVersion } from '../images/contour.ts'
import { envoy } from '../images/envoy.ts'
import { projectDirectory } from '../paths.ts'
import type { Log } from '../progress.ts'

const MODULE = 'github.com/projectcontour/contour'

/** A Kubernetes object, as far as this file looks into it. */
export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  spec?: Record<string, unknown> & { template?: { spec: PodSpec }; type?: string; replicas?: number }
}

interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  terminationGracePeriodSeconds?: number
}

interface Container {
  name: string
  image: string
  args?: string[]
  resources?: unknown
  readinessProbe?: { initialDelaySeconds?: number; periodSeconds?: number }
}

/** In the order in which they are applied. */
export interface Manifests {
  readonly foundation: readonly Manifest[]
  readonly certificates: Manifest
  readonly workloads: readonly Manifest[]
}

export async function readManifests(log: Log): Promise<Manifests> {
  const directory = await cached(
    { what: 'contour-manifests', parts: [contourVersion] },
    log,
    async (draft) => {
      // Checked against the go.sum of the module that pins Contour; from Go's own cache when it is there.
      const cwd = join(projectDirectory, 'test/cluster/binaries/contour')
      const { Dir } = JSON.parse(await command('go', ['mod', 'download', '-json', MODULE], { cwd })) as {
        Dir: string
      }
      cpSync(join(Dir, 'examples/contour'), draft, { recursive: true })
    },
  )
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'))
  const texts = files.sort().map((name) => readFileSync(join(directory, name), 'utf8'))
  return arrange(texts.flatMap(parse))
}

/** Fits the manifests; pure. */
export function arrange(manifests: readonly Manifest[]): Manifests {
  const fitted = manifests.map(fit)
  const isWorkload = ({ kind }: Manifest) => kind === 'Deployment' || kind === 'DaemonSet'
  const certificates = fitted.find(({ kind }) => kind === 'Job')
  if (certificates === undefined)
    throw new Error(`Contour ${contourVersion} has no Job that makes its certificates`)
  return {
    foundation: [...fitted.filter((each) => each !== certificates && !isWorkload(each)), ingressClass],
    certificates,
    workloads: fitted.filter(isWorkload),
  }
}

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'contour', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
  spec: { controller: 'projectcontour.io/ingress-controller' },
}

function parse(text: string): Manifest[] {
  // kubectl reads YAML 1.1 too, where 0644 is octal.
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null)
}

function fit(manifest: Manifest): Manifest {
  const fitted = structuredClone(manifest)
  const { kind, spec } = fitted
  if (spec === undefined) return fitted
  // No load balancer serves the test cluster: the service would wait for an address for ever.
  if (kind === 'Service' && spec.type === 'LoadBalancer') {
    spec.type = 'ClusterIP'
    delete spec.externalTrafficPolicy
  }
  if (kind === 'Deployment') spec.replicas = 1
  if (spec.template !== undefined) fitPod(spec.template.spec)
  return fitted
}

function fitPod(pod: PodSpec): void {
  // Envoy's drain of five minutes protects nobody here, and a stop would wait for it.
  if (pod.terminationGracePeriodSeconds !== undefined) pod.terminationGracePeriodSeconds = 1
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    container.image = container.image.includes('/contour:') ? contour.name : envoy.name
    container.resources = { requests: { cpu: '5m', memory: '32Mi' } }
    if (container.args?.[0] === 'serve') container.args.push('--ingress-status-address=127.0.0.1')
    if (container.readinessProbe !== undefined)
      Object.assign(container.readinessProbe, { initialDelaySeconds: 0, periodSeconds: 1 })
  }
}
