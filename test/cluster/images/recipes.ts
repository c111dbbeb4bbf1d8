/** Every image that can be made here. */
import { debian } from './debian.ts'
import { odoo } from './odoo.ts'
import { pause } from './pause.ts'
import { postgres } from './postgres.ts'
import type { Recipe } from './recipe.ts'

export const recipes: readonly Recipe[] = [debian, pause, postgres, odoo]
