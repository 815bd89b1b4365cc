export interface Point {
  readonly label: string
  readonly value: number
}

const size = { width: 900, height: 320, left: 44, right: 16, top: 40, bottom: 32 }
const text = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A line of values with a scale on its left and a label for each month: an SVG by hand, without a library. */
export function lineChart(title: string, points: readonly Point[]): string {
  const { width, height, left, right, top, bottom } = size
  const high = Math.ceil(Math.max(...points.map(({ value }) => value), 1) / 5) * 5
  const low = Math.min(0, Math.floor(Math.min(...points.map(({ value }) => value)) / 5) * 5)
  const x = (index: number) => left + ((width - left - right) * index) / Math.max(1, points.length - 1)
  const y = (value: number) => height - bottom - ((height - top - bottom) * (value - low)) / (high - low)

  const line = points.map(({ value }, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  const scale = Array.from({ length: (high - low) / 5 + 1 }, (_, step) => low + 5 * step)
  const months = points.flatMap(({ label }, index) =>
    label.endsWith('-01') ? [{ label: label.slice(0, 7), index }] : [],
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${text(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="22" font-size="15" fill="#222">${text(title)}</text>
${scale.map((value) => `<path d="M${left} ${y(value)}H${width - right}" stroke="#e5e5e5"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end" fill="#666">${value}</text>`).join('\n')}
${months.map(({ label, index }) => `<text x="${x(index).toFixed(1)}" y="${height - 10}" fill="#666">${text(label)}</text>`).join('\n')}
<polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="1.6" stroke-linejoin="round"/>
</svg>
`
}
