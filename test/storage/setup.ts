/** Before the first file: what they all need, once. Two files at the same time would both install it. */
import { findPostgres } from '../fixtures/postgres.ts'

export function setup(): void {
  findPostgres()
}
