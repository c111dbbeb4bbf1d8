/**
 * White label, in a tenant and as defaults in its class. Names go into titles and mail templates, which some series
 * render as templates: so the characters that begin an expression there are refused here.
 */
import { z } from 'zod'
import { cel, matches, quote } from './cel.ts'

/** Base64 of an image: four characters hold three bytes. */
const dataUri = (field: string, kinds: readonly string[], kibibytes: number) =>
  cel(z.string().max(Math.ceil((kibibytes * 1024 * 4) / 3) + 64), {
    rule: kinds.map((kind) => `self.startsWith('data:image/${kind};base64,')`).join(' || '),
    message: `${field} must be a data URI with base64 of ${kinds.join(' or ')}, at most ${kibibytes} KiB: write it like data:image/${kinds[0]};base64,iVBORw0….`,
  })

const line = (field: string, characters: number) =>
  cel(
    z.string().max(characters),
    matches('^[^\\x00-\\x1f]*\\S[^\\x00-\\x1f]*$', `${field} must be one line of text that is not empty.`),
  )

const color = (field: string) =>
  cel(
    z.string().max(7),
    matches(
      '^#[0-9a-fA-F]{6}$',
      `${field} must be a colour of six hexadecimal digits: write it like #1e5ac8.`,
    ),
  )

const email = (field: string) =>
  cel(
    z.string().max(254),
    matches(
      '^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\\.)+[A-Za-z]{2,}$',
      `${field} must be an e-mail address: write it like hello@example.com.`,
    ),
  )

/** `where`: path of the field, `spec.brand`. */
export const brandSchema = (where: string) =>
  z
    .object({
      name: cel(line(`${where}.name`, 64), {
        rule: `!self.matches(${quote('[{}$\\\\]')})`,
        message: `${where}.name must not hold $, { , } or \\, with which Odoo's templates begin expressions: leave them out.`,
      })
        .describe('Takes the place of the word Odoo in the browser tab and in mail templates.')
        .optional(),
      logo: dataUri(`${where}.logo`, ['png', 'jpeg'], 64).describe('Logo on the login page.').optional(),
      favicon: dataUri(`${where}.favicon`, ['png', 'x-icon'], 16)
        .describe('Icon of the browser tab.')
        .optional(),
      primaryColor: color(`${where}.primaryColor`).describe('Buttons and the bar on top.').optional(),
      secondaryColor: color(`${where}.secondaryColor`).describe('Lines and accents.').optional(),
      mailFrom: email(`${where}.mailFrom`).describe('Sender of mails.').optional(),
      mailReplyTo: email(`${where}.mailReplyTo`).describe('Where replies go.').optional(),
      supportUrl: cel(
        z.string().max(500),
        matches(
          '^https?://[^\\s"<>]+$',
          `${where}.supportUrl must be a URL: write it like https://help.example.com.`,
        ),
      )
        .describe('Where links for help lead.')
        .optional(),
      loginTitle: line(`${where}.loginTitle`, 120).describe('Stands above the login form.').optional(),
      footer: line(`${where}.footer`, 200).describe('Stands below the login form.').optional(),
    })
    .describe('How it looks and who it says it is. What is not given stays as Odoo has it.')

export type BrandSpec = z.infer<ReturnType<typeof brandSchema>>
