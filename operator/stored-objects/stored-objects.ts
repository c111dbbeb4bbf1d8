/** What lies in a store below one repository, as plain objects: listed and removed without any key of it. */
import { join } from 'node:path'
import type { ResticPlace } from '../restic/repository.ts'
import { bucketObjects } from './bucket-objects.ts'
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
