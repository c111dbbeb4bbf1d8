/**
 * What lies in a bucket below one repository. Older versions of a bucket that keeps them count as objects of their own, as
 * far as the identity may see them.
 */
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { RepositorySpec } from '../agent/point-contract.ts'
import { type ResticPlace, repositoryAddress } from '../restic/repository.ts'
import { openS3 } from './s3-client.ts'
import type { StoredObject, StoredObjects } from './stored-objects.ts'

export function bucketObjects(
  repository: Extract<RepositorySpec, { kind: 's3' }>,
  { store }: ResticPlace,
  ca: string | undefined,
): StoredObjects {
  const { bucket: Bucket, path } = repository
  const { accessKeyId = '', secretAccessKey = '' } = store
  const client = openS3(repository, { accessKeyId, secretAccessKey, ca })
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
