/** What is said to the hosts of an OdooTenant, those it serves and those it had before. */
import type { AdmissionCase } from '../admission-cases.ts'

const x63 = 'x'.repeat(63)
const x64 = 'x'.repeat(64)

export const hostCases: readonly AdmissionCase[] = [
  ['20 hosts', { 'spec.hosts': Array.from({ length: 20 }, (_, i) => `h${i}.example.com`) }, []],
  [
    '21 hosts',
    { 'spec.hosts': Array.from({ length: 21 }, (_, i) => `h${i}.example.com`) },
    ['spec.hosts: Too many: 21: must have at most 20 items'],
  ],
  ['a host of 253 characters', { 'spec.hosts': [`${x63}.${x63}.${x63}.${'x'.repeat(57)}.com`] }, []],
  [
    'a host of 254 characters',
    { 'spec.hosts': [`${x63}.${x63}.${x63}.${'x'.repeat(58)}.com`] },
    ['spec.hosts[0]: Too long: may not be more than 253 bytes'],
  ],
  [
    'a host of this machine and a punycode host',
    { 'spec.hosts': ['shop1.localhost', 'xn--bcher-kva.example'] },
    [],
  ],
  [
    'a wildcard host',
    { 'spec.hosts': ['*.example.com'] },
    [
      'spec.hosts[0]: Invalid value: "*.example.com": spec.hosts must not hold a wildcard: write it like shop.example.com.',
    ],
  ],
  [
    'a host in capitals',
    { 'spec.hosts': ['Shop.example.com'] },
    [
      'spec.hosts[0]: Invalid value: "Shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host with scheme',
    { 'spec.hosts': ['https://shop.example.com'] },
    [
      'spec.hosts[0]: Invalid value: "https://shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host with port',
    { 'spec.hosts': ['shop.example.com:8080'] },
    [
      'spec.hosts[0]: Invalid value: "shop.example.com:8080": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'an address as host',
    { 'spec.hosts': ['10.0.0.1'] },
    [
      'spec.hosts[0]: Invalid value: "10.0.0.1": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host without domain',
    { 'spec.hosts': ['shop'] },
    [
      'spec.hosts[0]: Invalid value: "shop": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host with an underscore',
    { 'spec.hosts': ['my_shop.example.com'] },
    [
      'spec.hosts[0]: Invalid value: "my_shop.example.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host label of 64 characters',
    { 'spec.hosts': [`${x64}.com`] },
    [
      `spec.hosts[0]: Invalid value: "${x64}.com": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.`,
    ],
  ],
  [
    'a host with a final dot',
    { 'spec.hosts': ['shop.example.com.'] },
    [
      'spec.hosts[0]: Invalid value: "shop.example.com.": spec.hosts must be a full host name in lower case, without scheme, port or path: write it like shop.example.com.',
    ],
  ],
  [
    'a host twice',
    { 'spec.hosts': ['a.example.com', 'b.example.com', 'a.example.com'] },
    ['spec.hosts: Invalid value: spec.hosts must not name a host twice: remove the repeated one.'],
  ],
  ['former hosts', { 'spec.redirectHosts': ['old.example.com', 'older.example.com'] }, []],
  [
    '21 former hosts',
    { 'spec.redirectHosts': Array.from({ length: 21 }, (_, i) => `h${i}.example.com`) },
    ['spec.redirectHosts: Too many: 21: must have at most 20 items'],
  ],
  [
    'a former host with path',
    { 'spec.redirectHosts': ['old.example.com/shop'] },
    [
      'spec.redirectHosts[0]: Invalid value: "old.example.com/shop": spec.redirectHosts must be a full host name in lower case, without scheme, port or path: write it like old.example.com.',
    ],
  ],
  [
    'a former host twice',
    { 'spec.redirectHosts': ['old.example.com', 'old.example.com'] },
    [
      'spec.redirectHosts: Invalid value: spec.redirectHosts must not name a host twice: remove the repeated one.',
    ],
  ],
  [
    'a former host that is a host, too',
    { 'spec.hosts': ['a.example.com', 'b.example.com'], 'spec.redirectHosts': ['b.example.com'] },
    [
      'spec.redirectHosts: Invalid value: spec.redirectHosts must not name a host of spec.hosts, which would lead to itself: keep it in one of the two.',
    ],
  ],
]
