/** What the real API server takes and refuses, word for word, when a manifest is sent as `kubectl create` sends it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { apiKinds } from '../../operator/api/kinds.ts'
import { parseQuantity } from '../../operator/api/quantity.ts'
import { tenantPlanKind } from '../../operator/api/v1alpha1/tenant-plan.ts'
import { admissionCases } from './admission-cases.ts'
import {
  collection,
  type Manifest,
  manifest,
  namespace,
  ownPlace,
  send,
  sentences,
} from './admission-server.ts'

ownPlace()

describe.each(apiKinds.map((kind) => [kind.kind, kind] as const))('a new %s', (name, kind) => {
  it.each(admissionCases[name].filter(([, , said]) => said.length === 0))(
    'is accepted with %s',
    async (_, fields) => {
      const answer = await send(
        'POST',
        `${collection(kind)}?dryRun=All&fieldValidation=Strict`,
        manifest(kind, fields),
      )
      expect(sentences(answer)).toEqual([])
    },
  )

  it.each(admissionCases[name].filter(([, , said]) => said.length > 0))(
    'is refused with %s',
    async (_, fields, said) => {
      const answer = await send(
        'POST',
        `${collection(kind)}?dryRun=All&fieldValidation=Strict`,
        manifest(kind, fields),
      )
      expect(sentences(answer)).toEqual([...said].sort())
    },
  )
})

describe('a quantity', () => {
  const texts = [
    ...[
      '17Mi',
      '1Gi',
      '1.5Gi',
      '.5Gi',
      '5.Gi',
      '+1Gi',
      '1G',
      '1k',
      '20000k',
      '1e9',
      '1E9',
      '1e+9',
      '1e12',
      '1E',
      '1Ei',
      '2e7',
      '200e5',
    ],
    ...[
      '16777216',
      '16777215',
      '16777216000m',
      '16777215999m',
      '16777216000000u',
      '16777215000000000n',
      '17e6',
      '16e6',
      '16384Ki',
    ],
    ...[
      '-1Gi',
      '0',
      '00020Mi',
      '1e18',
      '9e18',
      '1e-3',
      '123456789012345678901234567890',
      '9999999999999999999999Ei',
    ],
    ...[
      '',
      ' ',
      '.',
      '1 Gi',
      ' 1Gi',
      '1Gi ',
      '1gi',
      '1GB',
      '1GiB',
      '1K',
      '1mi',
      '0x20',
      '1e',
      '1e9Mi',
      '--1',
      '1,5Gi',
      '١Gi',
      'NaN',
      'Infinity',
    ],
    ...['1e99', '1e999', '1e1000', '1e99999'],
  ]

  // Whatever the API server takes, the operator can read: else a stored object could stop a reconcile.
  it.each(texts)('"%s" is read as the API server reads it', async (text) => {
    const object = manifest(tenantPlanKind, { 'spec.filestore.size': text })
    const answer = await send(
      'POST',
      `${collection(tenantPlanKind)}?dryRun=All&fieldValidation=Strict`,
      object,
    )
    expect(sentences(answer).length === 0).toBe(isBetween(text, '16Mi', '1Pi'))
  })
})

function isBetween(text: string, least: string, most: string): boolean {
  try {
    const amount = parseQuantity(text)
    return amount >= parseQuantity(least) && amount <= parseQuantity(most)
  } catch {
    return false
  }
}

describe('an example', () => {
  const folder = join(import.meta.dirname, '../../examples')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  )

  it.each(files)('%s is accepted', async (name) => {
    const manifests = parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) =>
      document.toJS(),
    )
    for (const object of manifests as (Manifest & { apiVersion: string; kind: string })[]) {
      const kind = apiKinds.find(
        (known) => known.kind === object.kind && known.apiVersion === object.apiVersion,
      )
      if (!kind) continue
      // One that is made anew each time has but the beginning of a name.
      const { name: given = 'made' } = object.metadata
      const own = {
        ...object,
        metadata: { ...object.metadata, name: `${given.slice(0, 53)}-admission` },
      }
      if (kind.scope === 'Namespaced') own.metadata.namespace = namespace
      const answer = await send('POST', `${collection(kind)}?dryRun=All&fieldValidation=Strict`, own)
      expect(sentences(answer)).toEqual([])
    }
  })
})
