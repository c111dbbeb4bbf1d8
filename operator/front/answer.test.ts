import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answer } from './answer.ts'
import type { Face, Visit } from './visit.ts'

const face: Face = {
  name: 'Eis & <Söhne>',
  primaryColor: '#c81e5a',
  secondaryColor: undefined,
  supportUrl: 'https://help.example.com/?a=1&b=2',
  footer: '"since" 1921',
}
const asked = { target: '/web/login', accept: 'text/html,*/*', contentType: '' }
const suspended: Visit = { kind: 'suspended', face }

describe('the page of a tenant whose Odoo does not run', () => {
  it('is a 503 that says when to ask again and is never stored', () => {
    const { status, headers } = answer(suspended, asked)
    expect(status).toBe(503)
    expect(headers).toMatchObject({
      'retry-after': '120',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    })
    expect(answer({ kind: 'returning', face }, asked).headers['retry-after']).toBe('3')
  })

  it('has the words of the brand, escaped, and a language', () => {
    const { body } = answer(suspended, asked)
    expect(body).toContain('<html lang="en">')
    expect(body).toContain('<title>Eis &#38; &#60;S&#246;hne&#62; is paused</title>')
    expect(body).toContain('<footer>&#34;since&#34; 1921</footer>')
    expect(body).toContain('href="https://help.example.com/&#63;a=1&#38;b=2"')
    expect(body).toContain('background:#c81e5a')
    expect(body).not.toContain('Söhne')
    expect(body).not.toMatch(/odoo|tenantops/i)
  })

  it('says something else while the tenant comes back', () => {
    expect(answer({ kind: 'returning', face }, asked).body).toContain('is back in a moment</title>')
  })

  it('loads nothing, and lets only its own style pass', () => {
    const { body, headers } = answer(suspended, asked)
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(body) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
    expect(body).not.toMatch(/<script|<img|<link|@import|url\(/)
  })

  it('takes nothing for a colour or a link that is none', () => {
    const { body } = answer(
      {
        kind: 'suspended',
        face: { ...face, primaryColor: 'red;}</style><script>', supportUrl: 'javascript:alert(1)' },
      },
      asked,
    )
    expect(body).not.toMatch(/script|href/)
  })

  it.each([
    ['who sends JSON-RPC', { accept: '*/*', contentType: 'application/json' }],
    ['who takes JSON', { accept: 'application/json', contentType: '' }],
  ])('is JSON for a program %s', (_who, of) => {
    const { status, headers, body } = answer(suspended, { ...asked, ...of })
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '120', 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({
      error: 'suspended',
      message: 'Eis & <Söhne> is paused',
      retryAfter: 120,
    })
  })
})

describe('a former host', () => {
  const moved: Visit = { kind: 'moved', url: 'https://new.example.com' }
  it.each([
    ['/web?debug=1&x=%20y', 'https://new.example.com/web?debug=1&x=%20y'],
    ['/', 'https://new.example.com/'],
    ['//evil.example.com/a', 'https://new.example.com//evil.example.com/a'],
    ['/\\evil.example.com', 'https://new.example.com/\\evil.example.com'],
    ['http://old.example.com/a?b', 'https://new.example.com/a?b'],
    ['http://old.example.com?b', 'https://new.example.com/?b'],
    ['*', 'https://new.example.com/'],
    ['@evil.example.com', 'https://new.example.com/'],
    ['/\u00e9', 'https://new.example.com/%C3%A9'],
  ])('sends %s to %s', (target, location) => {
    const { status, headers } = answer(moved, { ...asked, target })
    expect(status).toBe(308)
    expect(headers).toMatchObject({ location, 'cache-control': 'max-age=300' })
    expect(new URL(location).host).toBe('new.example.com')
  })
})

it('a host of nobody is a short 404', () => {
  const { status, body } = answer({ kind: 'unknown' }, asked)
  expect([status, body]).toEqual([404, 'There is nothing under this name.\n'])
})
