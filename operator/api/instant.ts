/** An instant in a spec, as RFC 3339 writes it: with the zone, so that it means the same everywhere. */
import { z } from 'zod'
import { cel, matches } from './cel.ts'

export function instant(field: string, example: string) {
  return cel(
    z.string().max(64),
    matches(
      '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$',
      `${field} must be an instant of RFC 3339: write it like ${example}.`,
    ),
  )
}
