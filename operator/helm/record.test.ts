import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  decodeRelease,
  encodeRelease,
  type ReleaseRecord,
  releaseSecret,
  restated,
  withStatus,
} from './record.ts'
import { chart, target } from './sample-chart.ts'

const record: ReleaseRecord = {
  name: 'acme',
  namespace: 'customers-acme',
  version: 3,
  info: {
    first_deployed: '2026-11-22T05:00:00Z',
    last_deployed: '2026-11-22T05:00:00Z',
    description: 'Preparing upgrade',
    status: 'pending-upgrade',
  },
  chart: chart.record,
  config: { hosts: ['ä.example.com'] },
  manifest: '---\n',
  apply_method: 'ssa',
}

describe('the release record', () => {
  it('comes back as it was written', () => {
    expect(decodeRelease(releaseSecret(record, 'd', {}, 0), target)).toEqual(record)
  })

  it('is one stream for whoever unpacks it, also with more charts than are kept packed, or none', () => {
    const charts = Array.from({ length: 20 }, (_, n) => ({
      ...chart.record,
      metadata: { ...chart.record.metadata, version: `1.0.${n}` },
    }))
    for (const other of [...charts, ...charts]) {
      const packed = Buffer.from(encodeRelease({ ...record, chart: other }), 'base64').toString()
      expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())).toEqual({
        ...record,
        chart: other,
      })
    }
    const { chart: _, ...bare } = record
    const secret = releaseSecret(bare as ReleaseRecord, 'd', {}, 0)
    expect(decodeRelease(secret, target)).toEqual({ ...bare, chart: null })
  })

  it('changes its status in the body and in the label, and keeps members that we do not know', () => {
    const stored = { ...releaseSecret({ ...record, hooks: [] } as ReleaseRecord, 'd', {}, 0) }
    const next = withStatus(decodeRelease(stored, target), 'superseded')
    const held = { ...stored, metadata: { ...stored.metadata, resourceVersion: '7', managedFields: [] } }
    const { metadata, ...secret } = restated(held, next, 5_000)
    expect(metadata).toEqual({
      ...stored.metadata,
      resourceVersion: '7',
      labels: { ...stored.metadata.labels, status: 'superseded', modifiedAt: '5' },
      annotations: {},
    })
    expect(decodeRelease({ ...secret, metadata }, target)).toEqual({
      ...record,
      hooks: [],
      info: { ...record.info, status: 'superseded' },
    })
  })

  it.each([
    ['nothing', undefined],
    ['text', 'hello'],
    ['base64 of text', Buffer.from('hello').toString('base64')],
    ['another release', encodeRelease({ ...record, name: 'other' })],
  ])('says what to do when it holds %s', (_what, release) => {
    const secret = { ...releaseSecret(record, 'd', {}, 0), data: release === undefined ? {} : { release } }
    expect(() => decodeRelease(secret, target)).toThrow(
      /^Secret sh\.helm\.release\.v1\.acme\.v3 in namespace customers-acme is not a readable Helm release \(.+\); delete that Secret/,
    )
  })
})
