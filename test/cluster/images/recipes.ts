/** Every image that can be made here. */
import { contour } from './contour.ts'
import { debian } from './debian.ts'
import { envoy } from './envoy.ts'
import { golang } from './golang.ts'
import { nodeImage } from './node.ts'
import { odoo } from './odoo.ts'
import { odooOfCheckout } from './odoo-checkout.ts'
import { operator } from './operator.ts'
import { pause } from './pause.ts'
import { postgres } from './postgres.ts'
import type { Recipe } from './recipe.ts'
import { versitygw } from './versitygw.ts'

export const recipes: readonly Recipe[] = [
  debian,
  pause,
  postgres,
  odoo,
  golang,
  nodeImage,
  operator,
  envoy,
  contour,
  versitygw,
  ...(odooOfCheckout === undefined ? [] : [odooOfCheckout]),
]
