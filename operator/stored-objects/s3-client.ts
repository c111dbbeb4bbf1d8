/** The client of Amazon's library, set up for any store that speaks S3: with a certificate of its own, and never silent for long. */
import { Agent } from 'node:https'
import { S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export interface S3Access {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Certificate of the store, when it has one of its own. */
  readonly ca: string | undefined
}

/** Milliseconds in which a store must say something. */
const PATIENCE = 60_000

export function openS3(
  { endpoint, region = 'us-east-1' }: { readonly endpoint: string; readonly region?: string | undefined },
  { accessKeyId, secretAccessKey, ca }: S3Access,
): S3Client {
  return new S3Client({
    endpoint,
    region,
    followRegionRedirects: true,
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
}
