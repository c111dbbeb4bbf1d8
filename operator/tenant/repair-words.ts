/** What somebody did to objects of a release, in words for a person. Pure. */
import type { Drifted } from './observation.ts'

/** `Service odoo was changed by kubectl-edit`. Who deletes leaves no name. */
export function changeOf({ kind, name, what, by }: Drifted): string {
  if (what === 'missing') return `${kind} ${name} was removed`
  return `${kind} ${name} was changed${by === undefined ? '' : ` by ${by}`}`
}

/** One sentence of what happened and that it is repaired. */
export function repairNote(objects: readonly Drifted[], revision: number): string {
  const [only, ...more] = objects.map(changeOf)
  const are = more.length > 0 ? 'they are' : 'it is'
  return `${[only, ...more].join(', ')}; ${are} as revision ${revision} of the Helm release says again`
}
