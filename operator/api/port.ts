/** A port number, refused in a sentence that names its field. */
import { z } from 'zod'
import { cel } from './cel.ts'

export const portNumber = (field: string) =>
  cel(z.int().meta({ minimum: undefined, maximum: undefined }), {
    rule: 'self >= 1 && self <= 65535',
    message: `${field} must be a port number from 1 to 65535.`,
  })
