/**
 * What lies in a store below one repository, as plain objects: listed and removed without any key of it. Older versions
 * of a bucket that keeps them count as objects of their own, as far as the identity may see them.
 */
import { Agent } from 'node:https'
import { join } from 'node:path'
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { type ResticPlace, repositoryAddress } from '../restic/repository.ts'
import type { RepositorySpec } from './recovery-point.ts'
import { restObjects } from './rest-objects.ts'
import { volumeObjects } from './volume-objects.ts'

export interface StoredObject {
  readonly key: string
  /** Undefined in a store that keeps no older ones. */
  readonly version: string | undefined
}

export interface StoredObjects {
  /** `folder`: below the repository, with a slash at its end; empty for all. */
  list(folder: string, signal: AbortSignal): Promise<readonly StoredObject[]>
  /** What is gone already is fine. */
  remove(object: StoredObject, signal: AbortSignal): Promise<'gone' | 'refused'>
  /** Whether older versions are among what is listed. */
  versions(): 'removed' | 'unknown'
  close(): void
}

/** Milliseconds in which a store must say something. */
const PATIENCE = 30_000

export function storedObjects(place: ResticPlace, ca: string | undefined): StoredObjects {
  const { repository, volume } = place
  switch (repository.kind) {
    case 's3':
      return bucketObjects(repository, place, ca)
    case 'rest':
      return restObjects(repository, place, ca)
    case 'volume':
      return volumeObjects(join(volume, repository.path))
  }
}

function bucketObjects(
  repository: Extract<RepositorySpec, { kind: 's3' }>,
  { store }: ResticPlace,
  ca: string | undefined,
): StoredObjects {
  const { endpoint, bucket: Bucket, path, region = 'us-east-1' } = repository
  const { accessKeyId = '', secretAccessKey = '' } = store
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: !new URL(endpoint).hostname.endsWith('.amazonaws.com'),
    // Stores other than Amazon's do not all know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 10_000,
      requestTimeout: PATIENCE,
      throwOnRequestTimeout: true,
      ...(ca === undefined ? {} : { httpsAgent: new Agent({ ca, keepAlive: true }) }),
    }),
  })
  let seesVersions = true

  const everyVersion = async (Prefix: string, abortSignal: AbortSignal) => {
    const found: StoredObject[] = []
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
    while (next) {
      const ask = new ListObjectVersionsCommand({ Bucket, Prefix, ...next })
      const page: ListObjectVersionsCommandOutput = await client.send(ask, { abortSignal })
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
        if (Key !== undefined) found.push({ key: Key, version: VersionId })
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page
      next =
        IsTruncated && NextKeyMarker !== undefined
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
            }
          : undefined
    }
    return found
  }
  const everyObject = async (Prefix: string, abortSignal: AbortSignal) => {
    const found: StoredObject[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }), {
        abortSignal,
      })
      for (const { Key } of page.Contents ?? [])
        if (Key !== undefined) found.push({ key: Key, version: undefined })
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
    return found
  }

  return {
    list: (folder, signal) =>
      naming(repositoryAddress(repository), async () => {
        const prefix = `${path}/${folder}`
        try {
          return await everyVersion(prefix, signal)
        } catch (error) {
          // A store without versions, or an identity that may not see them.
          if (!(error instanceof S3ServiceException) || isPassing(error)) throw error
          seesVersions = false
          return await everyObject(prefix, signal)
        }
      }),
    remove: ({ key, version }, abortSignal) =>
      naming(repositoryAddress(repository), async () => {
        const of = { Bucket, Key: key, ...(version === undefined ? {} : { VersionId: version }) }
        try {
          await client.send(new DeleteObjectCommand(of), { abortSignal })
        } catch (error) {
          if (error instanceof S3ServiceException && isRefusal(error)) return 'refused'
          if (!(error instanceof S3ServiceException) || !isGone(error)) throw error
        }
        return 'gone'
      }),
    versions: () => (seesVersions ? 'removed' : 'unknown'),
    close: () => client.destroy(),
  }
}

const statusOf = ({ $metadata }: S3ServiceException): number => $metadata.httpStatusCode ?? 0
const isPassing = (error: S3ServiceException): boolean => statusOf(error) >= 500 && statusOf(error) !== 501
const isGone = (error: S3ServiceException): boolean => statusOf(error) === 404
/** Also by a lock that the bucket puts on every object. */
const isRefusal = (error: S3ServiceException): boolean => [401, 403, 405].includes(statusOf(error))

/** A fault of the store as one sentence, to be tried again by another pod. */
async function naming<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`the store of repository ${address} does not do what is asked: ${said}`, { cause: error })
  }
}
