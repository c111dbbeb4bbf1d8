import { expect, test } from 'vitest'
import { versionProblems } from './preflight.ts'

test.each([
  [130022, 'TooOld', 'PostgreSQL 13 is too old; update the server to 14 or later'],
  [140013, 'OldMinor', '14.15 or later'],
  [140014, 'RoleSettingIgnored', '14.15 or later'],
  [150008, 'OldMinor', '15.10 or later'],
  [150009, 'RoleSettingIgnored', '15.10 or later'],
  [160004, 'OldMinor', '16.6 or later'],
  [160005, 'RoleSettingIgnored', '16.6 or later'],
  [170000, 'OldMinor', '17.2 or later'],
  [170001, 'RoleSettingIgnored', '17.2 or later'],
] as const)('%i is refused', (number, reason, words) => {
  expect(versionProblems(number)).toEqual([
    { reason, weight: 'refuse', sentence: expect.stringContaining(words) },
  ])
})

test.each([140015, 140023, 150010, 160006, 170002, 170011, 180000, 190000])('%i is fit', (number) => {
  expect(versionProblems(number)).toEqual([])
})
