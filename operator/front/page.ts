/**
 * The page a visitor sees while no Odoo answers, in the tenant's own colours and words: one HTML document without any
 * other resource, and the hash by which its Content-Security-Policy lets its style pass. Pure; every word is escaped.
 */
import { createHash } from 'node:crypto'
import { htmlText } from '../odoo/brand-text.ts'
import type { Face } from './visit.ts'

export interface Words {
  readonly title: string
  readonly text: string
}

/** What is said, also to programs. */
export const words = {
  suspended: {
    title: 'is paused',
    text: 'This service is paused at the moment. Nothing is lost, and it opens again as it was.',
  },
  returning: {
    title: 'is back in a moment',
    text: 'This service is being prepared. This page asks again by itself.',
  },
} as const satisfies Record<string, Words>

export interface HtmlPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** `refreshSeconds`: when the browser asks again by itself. */
export function page(face: Face, { title, text }: Words, refreshSeconds: number): HtmlPage {
  const style = styleOf(face)
  const heading = htmlText(`${face.name} ${title}`)
  const support = linkOf(face.supportUrl)
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>${heading}</title>
<style>${style}</style>
</head>
<body>
<header></header>
<main>
<h1>${heading}</h1>
<p>${htmlText(text)}</p>
${support}</main>
<footer>${htmlText(face.footer ?? '')}</footer>
</body>
</html>
`
  const hash = createHash('sha256').update(style).digest('base64')
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  }
}

function linkOf(url: string | undefined): string {
  return url && /^https?:\/\//.test(url) ? `<p><a href="${htmlText(url)}">Help and contact</a></p>\n` : ''
}

function styleOf({ primaryColor, secondaryColor }: Face): string {
  const primary = color(primaryColor, '#4a5568')
  const secondary = color(secondaryColor, primary)
  return [
    'body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:#fff;color:#1a202c;font:1.1rem/1.6 system-ui,sans-serif}',
    `header{height:1rem;background:${primary};border-bottom:.25rem solid ${secondary}}`,
    'main{flex:1;max-width:36rem;margin:12vh auto 0;padding:0 1.5rem}',
    'h1{font-size:1.8rem;line-height:1.25;overflow-wrap:anywhere}',
    `a{color:${primary}}`,
    'footer{padding:1.5rem;text-align:center;font-size:.9rem;color:#4a5568}',
  ].join('')
}

/** Only what is surely a colour gets into the style. */
function color(wanted: string | undefined, otherwise: string): string {
  return wanted && /^#[0-9a-fA-F]{6}$/.test(wanted) ? wanted : otherwise
}
