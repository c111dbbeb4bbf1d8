import { expect, test } from 'vitest'
import { svgPlot } from './plot.ts'

const plot = {
  title: 'Growth <of> it',
  x: 'tenants',
  y: 'MiB',
  series: [
    {
      name: 'own',
      points: [
        [100, 50],
        [1000, 100],
      ],
    },
  ],
  limit: { y: 200, text: 'at most 200' },
} as const

test('the largest value or the limit stands at the top, zero at the foot', () => {
  const svg = svgPlot(plot)
  expect(svg).toContain('M64 36H616" stroke="#444"')
  // 50 of 200, and half of 200, between foot (256) and top (36).
  expect(svg).toContain('d="M64 201L616 146"')
})

test('words are escaped', () => {
  expect(svgPlot(plot)).toContain('Growth &lt;of> it (MiB)')
})
