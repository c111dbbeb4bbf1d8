/**
 * One zip in an S3 store: written as a stream of parts, read as a stream. An upload that is not finished is no object:
 * nobody can list or fetch it, and the next one of the same key takes its parts away. What was there before under that key
 * stays until the very moment in which the new one is whole.
 */
import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { openS3, type S3Access } from '../stored-objects/s3-client.ts'
import type { ZipPlace } from './zip-place.ts'

export interface ZipStore {
  /** `expected`: how big it may be, so that parts are big enough. Throws when it is not in the store as it was sent. */
  put(zip: Readable, expected: number, signal: AbortSignal): Promise<{ bytes: number; sha256: string }>
  /** Undefined when there is none. */
  get(signal: AbortSignal): Promise<{ readonly bytes: number; readonly content: Readable } | undefined>
  close(): void
}

/** An object has at most 10,000 parts; some are kept free, since what is expected is a guess. */
const PARTS = 8_000
const LEAST_PART = 8 * 1024 * 1024

export function openZipStore(place: ZipPlace, access: S3Access): ZipStore {
  const { bucket: Bucket, key: Key } = place
  const client = openS3(place, access)

  /** Parts of uploads that nobody will finish. Not every identity may look for them: then the store keeps them. */
  const abandon = async (abortSignal: AbortSignal) => {
    try {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }), {
        abortSignal,
      })
      for (const upload of Uploads)
        if (upload.Key === Key)
          await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload.UploadId }), {
            abortSignal,
          })
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error
    }
  }

  return {
    put: async (zip, expected, signal) => {
      await abandon(signal)
      const hash = createHash('sha256')
      let bytes = 0
      const counted = new Transform({
        transform(chunk: Buffer, _, give) {
          hash.update(chunk)
          bytes += chunk.length
          give(null, chunk)
        },
      })
      const upload = new Upload({
        client,
        params: { Bucket, Key, Body: counted, ContentType: 'application/zip' },
        partSize: Math.max(LEAST_PART, Math.ceil(expected / PARTS)),
        queueSize: 2,
      })
      const stop = () => void upload.abort()
      signal.addEventListener('abort', stop)
      try {
        // A zip that breaks off destroys what is uploaded from, so the upload never ends well.
        await Promise.all([pipeline(zip, counted, { signal }), upload.done()])
      } catch (error) {
        await upload.abort().catch(() => {})
        throw signal.aborted ? signal.reason : fault(error, place, 'write to')
      } finally {
        signal.removeEventListener('abort', stop)
      }
      const { ContentLength } = await client
        .send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal })
        .catch((error: unknown) => Promise.reject(fault(error, place, 'read from')))
      if (ContentLength !== bytes)
        throw new Error(`the store has ${ContentLength} bytes of ${Key}, and was sent ${bytes}`)
      return { bytes, sha256: hash.digest('hex') }
    },
    get: async (signal) => {
      try {
        const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key }), {
          abortSignal: signal,
        })
        return { bytes: ContentLength, content: Body as Readable }
      } catch (error) {
        if (error instanceof S3ServiceException && ['NoSuchKey', 'NotFound'].includes(error.name))
          return undefined
        throw signal.aborted ? signal.reason : fault(error, place, 'read from')
      }
    },
    close: () => client.destroy(),
  }
}

/** In one sentence, without what was sent. */
function fault(error: unknown, { endpoint, bucket }: ZipPlace, meant: 'read from' | 'write to'): Error {
  if (error instanceof S3ServiceException)
    return new Error(
      `the store at ${endpoint} refused: ${error.name} (${error.message}); look whether the policy's credentials may ${meant} bucket ${bucket}`,
    )
  return error instanceof Error ? error : new Error(String(error))
}
