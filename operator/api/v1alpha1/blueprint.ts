/**
 * Blueprint: what is inside a tenant. The operator builds one template database per blueprint and version from it,
 * and tenants are clones of that template. The status says which templates exist.
 */
import { z } from 'zod'
import { cel, matches } from '../cel.ts'
import { conditionsSchema } from '../condition.ts'
import { ageColumn, defineKind, messageColumn, readyColumns, type Stored } from '../defineKind.ts'
import { languageCode, moduleName, nameIsLabel } from '../names.ts'
import { parametersSchema } from '../parameters.ts'

const blueprintSpecSchema = z
  .object({
    modules: cel(z.array(moduleName('spec.modules')).max(200), {
      rule: 'self.size() > 0',
      message: 'spec.modules must name at least one Odoo module: add one, such as web for an empty Odoo.',
    })
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Odoo modules that are installed, by technical name; what they depend on comes with them.'),
    allowedModules: z
      .array(moduleName('spec.allowedModules'))
      .max(200)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe(
        'Further modules that a tenant may have by its own spec.modules, country packs (l10n_…) among them. Default: none.',
      )
      .optional(),
    language: languageCode('spec.language')
      .describe('Language that is installed and that users start with. Default: en_US.')
      .optional(),
    country: cel(
      z.string().max(32),
      matches(
        '^[A-Z]{2}$',
        'spec.country must be an ISO 3166 country code of two capital letters: write it like BE.',
      ),
    )
      .describe('Country of the company; accounting modules choose their chart of accounts by it.')
      .optional(),
    currency: cel(
      z.string().max(32),
      matches(
        '^[A-Z]{3}$',
        'spec.currency must be an ISO 4217 currency code of three capital letters: write it like EUR.',
      ),
    )
      .describe('Currency of the company. Default: that of the country.')
      .optional(),
    parameters: parametersSchema('spec.parameters')
      .describe(
        'System parameters (ir.config_parameter) of every tenant; a value that somebody changes in Odoo stays.',
      )
      .optional(),
  })
  .describe('What tenants of this blueprint hold.')

const blueprintStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .describe('The generation of the spec that this status speaks of.')
      .optional(),
    conditions: conditionsSchema.optional(),
    templates: z
      .array(
        z.object({
          class: z.string().max(253).describe('TenantClass on whose server the template lies.'),
          version: z.string().max(128).describe('Version of Odoo it was built with.'),
          image: z.string().max(512).describe('Image it was built with.').optional(),
          digest: z.string().max(128).describe('Digest of everything it was built from.'),
          database: z.string().max(63).describe('Name of the template database.').optional(),
          state: z.enum(['Building', 'Ready', 'Failed']).describe('How far it is.'),
          message: z.string().max(4096).describe('Why, in a sentence.').optional(),
        }),
      )
      .max(100)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['class', 'version', 'digest'] })
      .describe('Template databases that exist or are being built.')
      .optional(),
  })
  .describe('What the operator saw last.')

export type BlueprintSpec = z.infer<typeof blueprintSpecSchema>
export type BlueprintStatus = z.infer<typeof blueprintStatusSchema>
export type Blueprint = Stored<'Blueprint', BlueprintSpec, BlueprintStatus>

export const blueprintKind = defineKind({
  kind: 'Blueprint',
  plural: 'blueprints',
  singular: 'blueprint',
  shortNames: ['bp'],
  scope: 'Cluster',
  description:
    'Blueprint says what is inside a tenant: modules, language, country, currency, parameters. Written by the platform team.',
  spec: blueprintSpecSchema,
  status: blueprintStatusSchema,
  rules: [nameIsLabel],
  columns: [
    ...readyColumns,
    { name: 'Language', jsonPath: '.spec.language', type: 'string', description: 'Language of the users.' },
    { name: 'Country', jsonPath: '.spec.country', type: 'string', description: 'Country of the company.' },
    ageColumn,
    {
      name: 'Modules',
      jsonPath: '.spec.modules',
      type: 'string',
      description: 'Modules that are installed.',
      priority: 1,
    },
    messageColumn,
  ],
  selectableFields: ['.spec.country'],
  example: {
    metadata: { name: 'retail' },
    spec: {
      modules: ['sale_management', 'stock', 'point_of_sale'],
      allowedModules: ['crm', 'l10n_be'],
      language: 'fr_BE',
      country: 'BE',
      currency: 'EUR',
      parameters: { 'mail.catchall.alias': 'catchall' },
    },
  },
})
