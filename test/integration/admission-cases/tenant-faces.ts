/** What is said to the faces of an OdooTenant: its administrator, the company's name and its brand. */
import type { AdmissionCase } from '../admission-cases.ts'

export const adminCases: readonly AdmissionCase[] = [
  ['an address as login', { 'spec.admin': { login: 'jane.doe+odoo@example.com' } }, []],
  ['a company name in any script', { 'spec.displayName': 'Bäckerei 面包 🥐 & Söhne' }, []],
  [
    'a company name of blanks',
    { 'spec.displayName': '   ' },
    [
      'spec.displayName: Invalid value: "   ": spec.displayName must be one line of text with at least one visible character: give the name of the company.',
    ],
  ],
  [
    'a company name of two lines',
    { 'spec.displayName': 'Acme\nBakery' },
    [
      'spec.displayName: Invalid value: "Acme\\nBakery": spec.displayName must be one line of text with at least one visible character: give the name of the company.',
    ],
  ],
  [
    'a login of one character',
    { 'spec.admin': { login: 'a' } },
    [
      'spec.admin.login: Invalid value: "a": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
    ],
  ],
  [
    'a login of 65 characters',
    { 'spec.admin': { login: 'x'.repeat(65) } },
    [
      `spec.admin.login: Invalid value: "${'x'.repeat(65)}": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.`,
    ],
  ],
  [
    'a login with a quote',
    { 'spec.admin': { login: "o'hara" } },
    [
      'spec.admin.login: Invalid value: "o\'hara": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
    ],
  ],
  [
    "a login that is Odoo's own",
    { 'spec.admin': { login: 'public' } },
    [
      'spec.admin.login: Invalid value: "public": spec.admin.login must not be default, public or portaltemplate, which Odoo keeps for itself: choose another, such as admin.',
    ],
  ],
  [
    "Odoo's system login",
    { 'spec.admin': { login: '__system__' } },
    [
      'spec.admin.login: Invalid value: "__system__": spec.admin.login must be 2 to 64 letters, digits or any of . _ % + @ -, beginning with a letter or digit: write it like admin or jane@example.com.',
    ],
  ],
  [
    'a wish for another password with a line break',
    { 'spec.admin': { login: 'admin', rotation: 'a\nb' } },
    [
      'spec.admin.rotation: Invalid value: "a\\nb": spec.admin.rotation must be a short text of letters, digits, blanks and . _ : / + -: write it like 2026-11-22, and another one when the next password is wanted.',
    ],
  ],
]

export const brandCases: readonly AdmissionCase[] = [
  [
    'a brand with every field',
    {
      'spec.brand': {
        name: 'Café & Co\'s "Ünï"',
        logo: 'data:image/png;base64,iVBORw0KGgo=',
        favicon: 'data:image/x-icon;base64,AAAB',
        primaryColor: '#C81e5a',
        secondaryColor: '#000000',
        mailFrom: 'hello@shop.example.com',
        mailReplyTo: 'help@shop.example.com',
        supportUrl: 'https://help.example.com/?a=1&b=2',
        loginTitle: 'Welcome <friends>',
        footer: 'Made here',
      },
    },
    [],
  ],
  [
    'a brand whose name Odoo would read as an expression',
    { 'spec.brand': { name: '{{7*7}}' } },
    [
      'spec.brand.name: Invalid value: "{{7*7}}": spec.brand.name must not hold $, { , } or \\, with which Odoo\'s templates begin expressions: leave them out.',
    ],
  ],
  [
    'a brand whose name is empty, and a colour by its name',
    { 'spec.brand': { name: ' ', primaryColor: 'red' } },
    [
      'spec.brand.name: Invalid value: " ": spec.brand.name must be one line of text that is not empty.',
      'spec.brand.primaryColor: Invalid value: "red": spec.brand.primaryColor must be a colour of six hexadecimal digits: write it like #1e5ac8.',
    ],
  ],
  [
    'a logo by its address, which a login page must not fetch from elsewhere',
    { 'spec.brand': { logo: 'https://example.com/logo.png' } },
    [
      'spec.brand.logo: Invalid value: "https://example.com/logo.png": spec.brand.logo must be a data URI with base64 of png or jpeg, at most 64 KiB: write it like data:image/png;base64,iVBORw0….',
    ],
  ],
  [
    'a sender without a domain, and help without a scheme',
    { 'spec.brand': { mailFrom: 'hello', supportUrl: 'help.example.com' } },
    [
      'spec.brand.mailFrom: Invalid value: "hello": spec.brand.mailFrom must be an e-mail address: write it like hello@example.com.',
      'spec.brand.supportUrl: Invalid value: "help.example.com": spec.brand.supportUrl must be a URL: write it like https://help.example.com.',
    ],
  ],
]
