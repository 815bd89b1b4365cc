import { type Style, cutTo, padded, paddedStart, widthOf } from './style.ts'

export interface Column {
  readonly title: string
  readonly align?: 'end'
  /** Gives way where the terminal is narrow: the first of the widest such columns is cut first. */
  readonly flexible?: boolean
}

/** Rows under titles, as wide as they need, or as the terminal. `columns: 0` for no limit. */
export function table(
  style: Style,
  titles: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const widths = titles.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  if (columns > 0) squeeze(widths, titles, columns)
  const line = (cells: readonly string[], last = cells.length - 1): string =>
    cells
      .map((cell, index) => {
        const cut = cutTo(cell, widths[index]!)
        if (titles[index]?.align === 'end') return paddedStart(cut, widths[index]!)
        return index === last ? cut : padded(cut, widths[index]!)
      })
      .join('  ')
      .trimEnd()
  return [style.dim(line(titles.map(({ title }) => title))), ...rows.map((row) => line(row))]
}

function squeeze(widths: number[], titles: readonly Column[], columns: number): void {
  const flexible = titles.flatMap(({ flexible: gives }, index) => (gives ? [index] : []))
  for (
    let over = widths.reduce((sum, width) => sum + width + 2, -2) - columns;
    over > 0 && flexible.length > 0;
    over -= 1
  ) {
    const widest = flexible.reduce((best, index) => (widths[index]! > widths[best]! ? index : best))
    if (widths[widest]! <= 8) return
    widths[widest]! -= 1
  }
}
