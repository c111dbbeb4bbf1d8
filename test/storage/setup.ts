/**
 * Before the first file: what they all need, once. Two files at the same time would both install or build it, and a build
 * on a new machine takes longer than a test may.
 */
import { ensureRestic, ensureRestServer, ensureVersitygw } from '../cluster/binaries.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'

export async function setup(): Promise<void> {
  findPostgres()
  for (const ensure of [ensureRestic, ensureVersitygw, ensureRestServer]) await ensure(console.log)
}
