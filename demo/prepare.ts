/** Builds what a full cluster needs (binaries and images) into the cache, and starts nothing. */
import { ensureCoredns, ensureKube } from '../test/cluster/binaries.ts'
import { ensureImages } from '../test/cluster/images/ensure.ts'
import { cacheDirectory } from '../test/cluster/paths.ts'
import { environmentImages } from './environment.ts'

const log = (line: string) => console.log(line)
await Promise.all([
  ensureKube(log).then(() => ensureCoredns(log)),
  ensureImages(environmentImages, { cacheDir: cacheDirectory, log }),
])
