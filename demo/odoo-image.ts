/** The Odoo that the demo and the stories run: 14.0 made of packages, or the one whose checkout TENANTOPS_ODOO_SOURCE names. */
import { odooOfCheckout } from '../test/cluster/images/odoo-checkout.ts'

export const odooImage = odooOfCheckout?.name ?? 'docker.io/library/odoo:14.0'

/** Such as `14.0`. */
export const odooSeries = odooImage.slice(odooImage.lastIndexOf(':') + 1)

/** A manifest of the examples, which all name 14.0, for this Odoo. */
export function forThisOdoo(manifest: string): string {
  return manifest.replaceAll('docker.io/library/odoo:14.0', odooImage).replaceAll('"14.0"', `"${odooSeries}"`)
}
