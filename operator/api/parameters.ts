/**
 * System parameters of Odoo, in a blueprint for all of its tenants and in a tenant for itself. Those that the operator
 * keeps for each tenant are refused here, since writing them would be undone or would harm: two databases with one
 * database.uuid are one customer for Odoo's services.
 */
import { z } from 'zod'
import { cel } from './cel.ts'

/** `field`: its path, `spec.parameters`. */
export const parametersSchema = (field: string) =>
  cel(
    z.record(z.string(), z.string().max(4096)).meta({ maxProperties: 100 }),
    {
      rule: "self.all(key, size(key) <= 128 && key.matches('^[A-Za-z0-9_.-]+$'))",
      message: `${field} must have keys of system parameters: use 1 to 128 letters, digits, '.', '_' and '-', such as mail.catchall.alias.`,
    },
    {
      rule: "self.all(key, !key.startsWith('database.') && !key.startsWith('web.base.url') && key != 'report.url' && key != 'ir_attachment.location')",
      message: `${field} must not set database.*, web.base.url*, report.url or ir_attachment.location, which the operator keeps for each tenant: remove that key; the address follows spec.hosts of the tenant.`,
    },
  )
