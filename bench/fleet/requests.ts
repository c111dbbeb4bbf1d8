/** What a request to the API server was, from its method and path alone: for counting what leaves the operator. Pure. */

/** `apply deployments`, `apply odootenants/status`, `watch pods`, … */
export function requestName(method: string, path: string, contentType = ''): string {
  const [place = '', query = ''] = path.split('?')
  const parts = place.split('/').filter((part) => part !== '')
  // /api/v1/… or /apis/GROUP/VERSION/…
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2
  const [resource = place, name, subresource] = inNamespace ? rest.slice(2) : rest
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  return `${verbOf(method, query, name, contentType)} ${what}`
}

function verbOf(method: string, query: string, name: string | undefined, contentType: string): string {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get'
      return /(^|&)watch=/.test(query) ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return contentType.includes('apply-patch') ? 'apply' : 'patch'
    default:
      return method.toLowerCase()
  }
}

export type Tally = Readonly<Record<string, number>>

/** What was added between two counts; names that stood still are left out. */
export function since(before: Tally, after: Tally): Tally {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count !== 0)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
  )
}

export const total = (tally: Tally, of: (name: string) => boolean = () => true): number =>
  Object.entries(tally).reduce((sum, [name, count]) => sum + (of(name) ? count : 0), 0)

/** Asked for by the fleet, not by the clock as the renewal of the Lease is. */
export const isForTenants = (name: string): boolean => !name.endsWith(' leases')

/** Writes that change something of the fleet. */
export const isWrite = (name: string): boolean => isForTenants(name) && !/^(get|list|watch) /.test(name)
