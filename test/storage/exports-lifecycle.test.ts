/**
 * The rule by which a bucket ends exports, as examples/export gives it: every field is one that S3 knows, it reaches each
 * export and no recovery point. The S3 server of the tests has no such rules, and says so; whether one acts is not seen here.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  type BucketLifecycleConfiguration,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { repositoryOf } from '../../operator/backup/repository.ts'
import { exportPlace } from '../../operator/odoo-zip/zip-place.ts'
import { openS3 } from '../../operator/stored-objects/s3-client.ts'
import { aBackupPolicy } from '../fixtures/backup-objects.ts'
import { startS3 } from '../fixtures/s3.ts'

const file: BucketLifecycleConfiguration = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../examples/export/bucket/lifecycle.json'), 'utf8'),
)

/** A bucket that keeps its rules as they come, and gives them back; signatures do not matter to it. */
async function bucketWithRules(): Promise<string> {
  let rules = ''
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      if (request.method === 'PUT') rules = Buffer.concat(parts).toString()
      response.setHeader('content-type', 'application/xml')
      response.end(request.method === 'PUT' ? '' : rules)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const access = { accessKeyId: 'id', secretAccessKey: 'key', ca: undefined }
/** The rules of a bucket after they were put there: the client sends, and reads, what it knows of S3. */
async function roundTrip(LifecycleConfiguration: BucketLifecycleConfiguration) {
  const client = openS3({ endpoint: await bucketWithRules() }, access)
  onTestFinished(() => client.destroy())
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'points', LifecycleConfiguration }))
  const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'points' }))
  return { Rules }
}

test('comes through with every field, as one of another name does not', async () => {
  expect(await roundTrip(file)).toEqual(file)
  const [rule] = file.Rules ?? []
  const Expiration = { Days: 7, Dayz: 7 }
  const misspelt = { Rules: [{ ...rule, Expiration }] } as BucketLifecycleConfiguration
  expect(await roundTrip(misspelt)).not.toEqual(misspelt)
})

test('ends what was exported a week ago, and none of it stays as an older version', () => {
  expect(file.Rules).toEqual([
    expect.objectContaining({
      Status: 'Enabled',
      Expiration: { Days: 7 },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    }),
  ])
})

test.each([undefined, 'eu'])(
  'of a policy with prefix %s reaches its exports, and no repository',
  (prefix) => {
    const policy = aBackupPolicy()
    const { endpoint, bucket, credentialsSecret } = policy.spec.store.s3 ?? expect.fail('no S3 store')
    const s3 = { endpoint, bucket, credentialsSecret, ...(prefix === undefined ? {} : { prefix }) }
    const of = { ...policy, spec: { ...policy.spec, store: { s3 } } }
    // As the guide says to put it before.
    const reached = `${prefix === undefined ? '' : `${prefix}/`}${file.Rules?.[0]?.Filter?.Prefix}`
    for (const namespace of ['acme', 'exports', 'a']) {
      const named = { namespace, name: 'shop1' }
      expect(exportPlace(of, named, 'leaves').key.startsWith(reached)).toBe(true)
      expect(repositoryOf(of, named).path.startsWith(reached)).toBe(false)
    }
  },
)

test('is refused in words by a store that has no such rules, as the one of the demo', async () => {
  const s3 = await startS3()
  onTestFinished(() => s3.stop())
  const client = openS3({ endpoint: s3.endpoint }, { ...s3, ca: undefined })
  onTestFinished(() => client.destroy())
  const put = new PutBucketLifecycleConfigurationCommand({ Bucket: s3.bucket, LifecycleConfiguration: file })
  await expect(client.send(put)).rejects.toMatchObject({ name: 'NotImplemented' })
  await expect(
    client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: s3.bucket })),
  ).rejects.toMatchObject({ name: 'NotImplemented' })
})
