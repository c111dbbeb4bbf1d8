/**
 * ReleaseChannel: which Odoo versions exist, and which one tenants on the channel run. A version is a name for one
 * exact image. A channel stays within one Odoo series: going to another is a migration of data, not an update.
 */
import { z } from 'zod'
import { cel, fixed, matches } from '../cel.ts'
import { ageColumn, defineKind, type Stored } from '../defineKind.ts'
import { nameIsLabel } from '../names.ts'

export const odooSeries = ['14.0', '15.0', '16.0', '17.0', '18.0', '19.0'] as const
export type OdooSeries = (typeof odooSeries)[number]

const REPOSITORY =
  '([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*'
const TAG = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '@sha256:[a-f0-9]{64}'

const image = cel(
  z.string().max(512),
  matches(
    `^${REPOSITORY}(${TAG})?(${DIGEST})?$`,
    'spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
  ),
  {
    rule: `self.matches('${TAG}$') || self.contains('@sha256:')`,
    message:
      'spec.versions[].image must carry a tag or digest: write it like odoo:17.0-20260901 or odoo@sha256:….',
  },
  {
    rule: "!self.endsWith(':latest')",
    message:
      'spec.versions[].image must not be tagged latest, which names another image every day: give the tag of one release, or a digest.',
  },
)

const versionSchema = cel(
  z.object({
    name: cel(
      z.string().max(128),
      matches(
        '^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$',
        "spec.versions[].name must be 1 to 63 lower-case letters, digits, '-' and '.': write it like 17.0-20260901.",
      ),
    ).describe('Name of the version, unique in the channel.'),
    series: z.enum(odooSeries).describe('Odoo series; it decides ports, health route and options.'),
    image: image.describe('Image of Odoo, by tag or digest.'),
    chart: cel(
      z.string().max(64),
      matches(
        '^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$',
        'spec.versions[].chart must be a version of chart odoo-tenant such as 1.2.0: leave it out to use the one in the operator.',
      ),
    )
      .describe('Version of chart odoo-tenant. Default: the one that came with the operator.')
      .optional(),
  }),
  fixed(
    'series',
    'spec.versions[].series cannot change for a version that exists: add a version with a new name.',
  ),
)

const releaseChannelSpecSchema = cel(
  z.object({
    current: z.string().max(128).describe('Name of the version that tenants run.'),
    versions: cel(z.array(versionSchema).max(50), {
      rule: 'self.size() > 0',
      message: 'spec.versions must hold at least one version: add name, series and image of one.',
    })
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('Versions that exist.'),
  }),
  {
    rule: 'self.versions.size() == 0 || self.versions.exists(version, version.name == self.current)',
    message:
      'spec.current must be the name of a version in spec.versions: add that version or choose one that is there.',
    fieldPath: '.current',
  },
  {
    rule: '!self.versions.exists(now, now.name == self.current) || self.versions.exists(now, now.name == self.current && oldSelf.versions.exists(old, old.name == oldSelf.current && old.series == now.series))',
    message:
      'spec.current must stay within its Odoo series, because going to another is a migration of data: make a channel for the other series.',
    fieldPath: '.current',
    reason: 'FieldValueForbidden',
  },
).describe('Versions of Odoo, and the one that tenants run.')

export type ReleaseChannelSpec = z.infer<typeof releaseChannelSpecSchema>
export type ReleaseChannelVersion = ReleaseChannelSpec['versions'][number]
export type ReleaseChannel = Stored<'ReleaseChannel', ReleaseChannelSpec>

export const releaseChannelKind = defineKind({
  kind: 'ReleaseChannel',
  plural: 'releasechannels',
  singular: 'releasechannel',
  shortNames: ['rch'],
  scope: 'Cluster',
  description:
    'ReleaseChannel says which Odoo versions exist and which one its tenants run. Written by the platform team.',
  spec: releaseChannelSpecSchema,
  rules: [nameIsLabel],
  columns: [
    { name: 'Current', jsonPath: '.spec.current', type: 'string', description: 'Version that tenants run.' },
    {
      name: 'Versions',
      jsonPath: '.spec.versions[*].name',
      type: 'string',
      description: 'Versions that exist.',
    },
    ageColumn,
  ],
  selectableFields: ['.spec.current'],
  example: {
    metadata: { name: 'stable' },
    spec: {
      current: '17.0-20260901',
      versions: [{ name: '17.0-20260901', series: '17.0', image: 'docker.io/library/odoo:17.0-20260901' }],
    },
  },
})
