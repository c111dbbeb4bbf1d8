/** What the operator has made for one tenant, by the field managers that the API server noted. */
import type { KubeObject } from '../../operator/kube/object.ts'
import { fleetNamespace, tenantName } from './tenants.ts'
import type { FleetWorld } from './world.ts'

const managers = new Set(['tenantops', 'helm'])

/** Asked for by name, so that an object of a new kind is missed rather than guessed. */
const types = [
  'namespaces',
  'resourcequotas',
  'limitranges',
  'networkpolicies',
  'serviceaccounts',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services',
  'deployments',
  'endpointslices',
  'ingresses',
  'poddisruptionbudgets',
  'rolebindings',
]

interface Managed extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly managedFields?: readonly { readonly manager?: string }[]
  }
}

/** `Kind name` of each, sorted. */
export async function objectsOf(world: FleetWorld): Promise<readonly string[]> {
  return (await madeFor(world)).map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()
}

/** As they stand on the server, the namespace first. */
export async function madeFor({ kubectl }: FleetWorld): Promise<readonly KubeObject[]> {
  const name = tenantName(1)
  const namespace = `${fleetNamespace}-${name}`
  const read = async (...args: readonly string[]) => {
    const text = await kubectl.run('get', ...args, '-o', 'json', '--show-managed-fields')
    const found = JSON.parse(text) as Managed & { readonly items?: readonly Managed[] }
    return found.items ?? [found]
  }
  const inside = await read(types.slice(1).join(','), '-n', namespace)
  const own = await read('namespace', namespace)
  const beside = await read('secret', `${name}-admin`, '-n', fleetNamespace)
  return [...own, ...beside, ...inside].filter(({ metadata }) =>
    metadata.managedFields?.some(({ manager = '' }) => managers.has(manager)),
  )
}
