/**
 * Helm's release record: the Secret `sh.helm.release.v1.NAME.vN` of type helm.sh/release.v1, whose one key holds
 * base64(gzip(JSON)), and base64 once more as every Secret does. Written so that Helm 4's own CLI lists, shows, rolls
 * back and uninstalls what we deployed, and read back whoever wrote it.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { KubeObject } from '../kube/object.ts'
import { type Baseline, ownedAnnotation } from './baseline.ts'
import type { ChartRecord } from './chart.ts'
import { ReleaseFailure } from './failure.ts'
import { type RevisionStatus, releaseLabels, releaseSecretType } from './history.ts'
import type { ReleaseTarget } from './target.ts'

/** The JSON inside, with Helm's field names. Members that we do not know are kept when a record is rewritten. */
export interface ReleaseRecord {
  readonly name: string
  readonly namespace: string
  /** The revision. */
  readonly version: number
  readonly info: {
    readonly first_deployed: string
    readonly last_deployed: string
    readonly deleted?: string | undefined
    readonly description: string
    readonly status: RevisionStatus
  }
  readonly chart: ChartRecord
  /** The values a user gave, without the chart's defaults. */
  readonly config: object
  readonly manifest: string
  readonly apply_method?: string | undefined
}

export interface ReleaseSecret extends KubeObject {
  readonly type?: string | undefined
  readonly data?: Readonly<Record<string, string>> | undefined
}

/** Largest JSON that is unpacked. A Secret holds at most 1 MiB, so this stops only what was made to harm. */
const maxJsonBytes = 32 * 1024 * 1024

export function releaseSecretName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`
}

/** The Secret of a revision of ours. `labels` are carried by Helm to every later revision. */
export function releaseSecret(
  record: ReleaseRecord,
  digest: string,
  labels: Readonly<Record<string, string>>,
  now: number,
): ReleaseSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: releaseSecretName(record.name, record.version),
      namespace: record.namespace,
      labels: {
        ...labels,
        [releaseLabels.digest]: digest,
        [releaseLabels.revision]: String(record.version),
        name: record.name,
        owner: 'helm',
        status: record.info.status,
        version: String(record.version),
        createdAt: seconds(now),
      },
    },
    type: releaseSecretType,
    data: { release: encodeRelease(record) },
  }
}

/**
 * A stored revision with another status, in its body and in its label. Only a deployed revision has a note of what is
 * ours: `owned`. It is sent whole: to merge a patch, the API server would write down and read back all of it.
 */
export function restated(
  { metadata, ...secret }: ReleaseSecret,
  record: ReleaseRecord,
  now: number,
  owned?: Baseline,
): ReleaseSecret {
  // Left out, the API server goes on with what it knows of the fields' owners.
  const {
    managedFields: _,
    annotations = {},
    ...rest
  } = metadata as typeof metadata & { managedFields?: unknown }
  const { [ownedAnnotation]: __, ...others } = annotations
  return {
    ...secret,
    metadata: {
      ...rest,
      labels: { ...metadata.labels, status: record.info.status, modifiedAt: seconds(now) },
      annotations: { ...others, ...(owned ? { [ownedAnnotation]: JSON.stringify(owned) } : {}) },
    },
    data: { ...secret.data, release: encodeRelease(record) },
  }
}

/** A record with another status; everything else as it was. */
export function withStatus(
  record: ReleaseRecord,
  status: RevisionStatus,
  description?: string,
): ReleaseRecord {
  return { ...record, info: { ...record.info, status, description: description ?? record.info.description } }
}

/**
 * The chart is two thirds of a record and the same for a whole fleet, so it is a member of its own in the gzip stream,
 * packed once. Whoever unpacks joins the members, as gzip's format asks.
 */
export function encodeRelease({ chart, ...rest }: ReleaseRecord): string {
  const members = [packedChart(JSON.stringify(chart)), pack(JSON.stringify(rest).slice(1))]
  return Buffer.from(Buffer.concat(members).toString('base64')).toString('base64')
}

/** By the chart's JSON. An operator carries few charts; records that were read may hold others. */
const packedCharts = new Map<string, Buffer>()
const mostCharts = 8

/** A record up to its chart. One that somebody else wrote may have none. */
function packedChart(json = 'null'): Buffer {
  const known = packedCharts.get(json)
  if (known) return known
  if (packedCharts.size >= mostCharts) packedCharts.clear()
  const packed = pack(`{"chart":${json},`)
  packedCharts.set(json, packed)
  return packed
}

const pack = (text: string): Buffer => gzipSync(text, { level: 6 })

/** Throws ReleaseFailure `RecordUnreadable`. */
export function decodeRelease(secret: ReleaseSecret, target: ReleaseTarget): ReleaseRecord {
  try {
    const packed = Buffer.from(secret.data?.release ?? '', 'base64').toString()
    const json = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: maxJsonBytes }).toString()
    const record = JSON.parse(json) as ReleaseRecord
    if (record.name !== target.release || typeof record.manifest !== 'string' || !record.info)
      throw new Error('it is not the record of this release')
    return record
  } catch (problem) {
    throw new ReleaseFailure(
      'RecordUnreadable',
      'input',
      `Secret ${secret.metadata.name} in namespace ${target.namespace} is not a readable Helm release (${(problem as Error).message}); ` +
        'delete that Secret and the operator deploys the release anew',
      problem,
    )
  }
}

const seconds = (now: number): string => String(Math.floor(now / 1000))
