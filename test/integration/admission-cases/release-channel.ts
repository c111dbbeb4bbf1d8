/** What is said to ReleaseChannel manifests. */
import type { AdmissionCase } from '../admission-cases.ts'

export const releaseChannelCases: readonly AdmissionCase[] = [
  ['the example', {}, []],
  [
    'an image by digest, even of latest',
    {
      'spec.versions': [
        {
          name: '17.0-20260901',
          series: '17.0',
          image: `registry.local:5000/partners/odoo:latest@sha256:${'a'.repeat(64)}`,
          chart: '1.2.0-rc.1',
        },
      ],
    },
    [],
  ],
  [
    'a current version that is none',
    { 'spec.current': '18.0' },
    [
      'spec.current: Invalid value: spec.current must be the name of a version in spec.versions: add that version or choose one that is there.',
    ],
  ],
  [
    'no versions',
    { 'spec.versions': [] },
    [
      'spec.versions: Invalid value: spec.versions must hold at least one version: add name, series and image of one.',
    ],
  ],
  [
    'a version twice',
    {
      'spec.versions': [
        { name: '17.0-20260901', series: '17.0', image: 'odoo:17.0' },
        { name: '17.0-20260901', series: '18.0', image: 'odoo:18.0' },
      ],
    },
    ['spec.versions[1]: Duplicate value: {"name":"17.0-20260901"}'],
  ],
  [
    'a series that is not served',
    { 'spec.versions': [{ name: '17.0-20260901', series: '13.0', image: 'odoo:13.0' }] },
    [
      'spec.versions[0].series: Unsupported value: "13.0": supported values: "14.0", "15.0", "16.0", "17.0", "18.0", "19.0"',
    ],
  ],
  [
    'a series as a number',
    { 'spec.versions': [{ name: '17.0-20260901', series: 17.0, image: 'odoo:17.0' }] },
    [
      'spec.versions[0].series: Invalid value: "integer": spec.versions[0].series in body must be of type string: "integer"',
      'spec.versions[0].series: Unsupported value: 17: supported values: "14.0", "15.0", "16.0", "17.0", "18.0", "19.0"',
    ],
  ],
  [
    'a version without image',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0' }] },
    ['spec.versions[0].image: Required value'],
  ],
  [
    'an image without tag',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo' }] },
    [
      'spec.versions[0].image: Invalid value: "odoo": spec.versions[].image must carry a tag or digest: write it like odoo:17.0-20260901 or odoo@sha256:….',
    ],
  ],
  [
    'an image without tag on a registry with port',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'registry.local:5000/odoo' }] },
    [
      'spec.versions[0].image: Invalid value: "registry.local:5000/odoo": spec.versions[].image must carry a tag or digest: write it like odoo:17.0-20260901 or odoo@sha256:….',
    ],
  ],
  [
    'the latest image',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo:latest' }] },
    [
      'spec.versions[0].image: Invalid value: "odoo:latest": spec.versions[].image must not be tagged latest, which names another image every day: give the tag of one release, or a digest.',
    ],
  ],
  [
    'an image with scheme',
    {
      'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'https://registry.local/odoo:17.0' }],
    },
    [
      'spec.versions[0].image: Invalid value: "https://registry.local/odoo:17.0": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
    ],
  ],
  [
    'an image in capitals',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'docker.io/library/Odoo:17.0' }] },
    [
      'spec.versions[0].image: Invalid value: "docker.io/library/Odoo:17.0": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
    ],
  ],
  [
    'an image with a short digest',
    { 'spec.versions': [{ name: '17.0-20260901', series: '17.0', image: 'odoo@sha256:abc' }] },
    [
      'spec.versions[0].image: Invalid value: "odoo@sha256:abc": spec.versions[].image must be an image reference in lower case, without scheme or spaces: write it like docker.io/library/odoo:17.0-20260901, or with @sha256: and 64 digits.',
    ],
  ],
  [
    'a version name with a space',
    { 'spec.current': '17 may', 'spec.versions': [{ name: '17 may', series: '17.0', image: 'odoo:17.0' }] },
    [
      "spec.versions[0].name: Invalid value: \"17 may\": spec.versions[].name must be 1 to 63 lower-case letters, digits, '-' and '.': write it like 17.0-20260901.",
    ],
  ],
  [
    'a chart by path',
    {
      'spec.versions': [
        { name: '17.0-20260901', series: '17.0', image: 'odoo:17.0', chart: './charts/odoo' },
      ],
    },
    [
      'spec.versions[0].chart: Invalid value: "./charts/odoo": spec.versions[].chart must be a version of chart odoo-tenant such as 1.2.0: leave it out to use the one in the operator.',
    ],
  ],
  [
    '51 versions',
    {
      'spec.versions': Array.from({ length: 51 }, (_, i) => ({
        name: i ? `v${i}` : '17.0-20260901',
        series: '17.0',
        image: 'odoo:17.0',
      })),
    },
    ['spec.versions: Too many: 51: must have at most 50 items'],
  ],
]
