/** Line plots as SVG, small enough to be read in a diff. */

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
  /** A horizontal line with its words: the target. */
  readonly limit?: { readonly y: number; readonly text: string }
}

const width = 640
const height = 320
const frame = { left: 64, right: 24, top: 36, bottom: 64 } as const
const colors = ['#1b6ca8', '#c1440e', '#3a7d44', '#7a4ea3', '#8a6d1d'] as const
const ink = '#444'

/** y begins at zero, x at the smallest point. */
export function svgPlot(plot: Plot): string {
  const points = plot.series.flatMap((series) => series.points)
  const xs = points.map(([x]) => x)
  const [least, most] = [Math.min(...xs), Math.max(...xs)]
  const top = niceTop(Math.max(...points.map(([, y]) => y), plot.limit?.y ?? 0))
  const placeX = (x: number) =>
    frame.left + ((x - least) / (most - least || 1)) * (width - frame.left - frame.right)
  const placeY = (y: number) => height - frame.bottom - (y / top) * (height - frame.top - frame.bottom)

  const rows = [0, 0.25, 0.5, 0.75, 1].map((part) => part * top)
  const grid = rows.map(
    (y) =>
      `<path d="M${frame.left} ${round(placeY(y))}H${width - frame.right}" stroke="#ddd"/>` +
      text(frame.left - 6, placeY(y) + 4, label(y), 'end'),
  )
  const columns = (
    new Set(xs).size <= 6
      ? [...new Set(xs)]
      : [0, 0.25, 0.5, 0.75, 1].map((part) => least + part * (most - least))
  ).map((x) => text(placeX(x), height - frame.bottom + 16, label(x), 'middle'))
  const limit = plot.limit && [
    `<path d="M${frame.left} ${round(placeY(plot.limit.y))}H${width - frame.right}" stroke="${ink}" stroke-dasharray="6 4"/>`,
    text(width - frame.right, placeY(plot.limit.y) - 5, plot.limit.text, 'end'),
  ]
  const lines = plot.series.flatMap(({ points: line }, n) => {
    const color = colors[n % colors.length] ?? ink
    const path = line
      .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(placeX(x))} ${round(placeY(y))}`)
      .join('')
    const dots =
      line.length > 12
        ? []
        : line.map(
            ([x, y]) => `<circle cx="${round(placeX(x))}" cy="${round(placeY(y))}" r="3" fill="${color}"/>`,
          )
    return [`<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`, ...dots]
  })
  const legend = plot.series.map(({ name }, n) => {
    const x = frame.left + n * ((width - frame.left) / plot.series.length)
    return (
      `<rect x="${round(x)}" y="${height - 22}" width="10" height="10" fill="${colors[n % colors.length] ?? ink}"/>` +
      text(x + 14, height - 13, name, 'start')
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(frame.left, 20, `${plot.title} (${plot.y})`, 'start', 13),
    ...grid,
    ...columns,
    text(width - frame.right, height - frame.bottom + 32, plot.x, 'end'),
    ...(limit ?? []),
    ...lines,
    ...legend,
    '</svg>',
    '',
  ].join('\n')
}

/** 1, 2, 2.5 or 5 times a power of ten, not below `value`. */
function niceTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10) * power
}

const round = (value: number): string => String(Math.round(value * 10) / 10)

const label = (value: number): string =>
  Math.abs(value) >= 10 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 100) / 100)

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', size = 11): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${round(x)}" y="${round(y)}" fill="${ink}" text-anchor="${anchor}" font-size="${size}">${escaped}</text>`
}
