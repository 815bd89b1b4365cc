/** Boxes to be put into columns, so that edges lead to the right. */
export interface Boxes {
  readonly widths: ArrayLike<number>
  readonly heights: ArrayLike<number>
  /** Places of two boxes, one after the other: from, to. */
  readonly edges: ArrayLike<number>
}

/** Where the corner at the left and the top of each box is, and how large the whole is. */
export interface Placed {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly width: number
  readonly height: number
}

export const gapX = 46
export const gapY = 14
const sweeps = 8

/**
 * Layered (Sugiyama): each part that hangs together by itself, then the parts beside each other, so that the whole is
 * about as wide as a screen. Some milliseconds for a thousand boxes; the same boxes are always put in the same places.
 */
export function layered({ widths, heights, edges }: Boxes): Placed {
  const count = widths.length
  const x = new Float32Array(count)
  const y = new Float32Array(count)
  const above: number[][] = Array.from({ length: count }, () => [])
  const below: number[][] = Array.from({ length: count }, () => [])
  for (let edge = 0; edge < edges.length; edge += 2) {
    const [from, to] = [edges[edge]!, edges[edge + 1]!]
    if (from === to) continue
    above[to]!.push(from)
    below[from]!.push(to)
  }
  const parts = componentsOf(above, below).map((part) => placePart(part, { widths, heights, above, below, x, y }))
  // The largest first, in shelves.
  parts.sort((a, b) => b.height - a.height || b.part.length - a.part.length || a.part[0]! - b.part[0]!)
  const area = parts.reduce((sum, part) => sum + (part.width + gapX) * (part.height + gapY), 0)
  const target = Math.max(Math.sqrt(area * 1.7), ...parts.map((part) => part.width))
  let [left, top, shelf, width] = [0, 0, 0, 0]
  for (const { part, width: own, height } of parts) {
    if (left > 0 && left + own > target) [left, top, shelf] = [0, top + shelf + gapY, 0]
    for (const box of part) {
      x[box]! += left
      y[box]! += top
    }
    width = Math.max(width, left + own)
    left += own + gapX
    shelf = Math.max(shelf, height)
  }
  return { x, y, width, height: top + shelf }
}

function componentsOf(above: readonly number[][], below: readonly number[][]): number[][] {
  const seen = new Uint8Array(above.length)
  const parts: number[][] = []
  for (let first = 0; first < above.length; first += 1) {
    if (seen[first]) continue
    seen[first] = 1
    const part = [first]
    for (const box of part)
      for (const next of [...above[box]!, ...below[box]!])
        if (!seen[next]) {
          seen[next] = 1
          part.push(next)
        }
    parts.push(part.sort((a, b) => a - b))
  }
  return parts
}

interface Whole {
  readonly widths: ArrayLike<number>
  readonly heights: ArrayLike<number>
  readonly above: number[][]
  readonly below: number[][]
  readonly x: Float32Array
  readonly y: Float32Array
}

function placePart(part: number[], whole: Whole): { part: number[]; width: number; height: number } {
  const { widths, heights, above, below, x, y } = whole
  const columns = ordered(columnsOf(part, above, below), above, below)
  let [left, lowest, highest] = [0, Infinity, -Infinity]
  for (const column of columns) {
    let widest = 0
    for (const box of column) {
      x[box] = left
      widest = Math.max(widest, widths[box]!)
    }
    left += widest + gapX
  }
  aligned(columns, whole)
  for (const box of part) {
    lowest = Math.min(lowest, y[box]!)
    highest = Math.max(highest, y[box]! + heights[box]!)
  }
  for (const box of part) y[box]! -= lowest
  const [width, height] = [left - gapX, highest - lowest]
  return {
    part,
    ...(width > 5 * height && columns.length > 7 ? wrapped(columns, width, height, whole) : { width, height }),
  }
}

/** What would be one long line is several, as a text is. */
function wrapped(columns: readonly number[][], width: number, height: number, { widths, heights, x, y }: Whole) {
  const target = Math.sqrt(width * (height + 2 * gapY) * 2)
  let [start, top, widest] = [0, 0, 0]
  for (let first = 0; first < columns.length;) {
    let last = first
    while (last + 1 < columns.length && x[columns[last + 1]![0]!]! - start < target) last += 1
    const line = columns.slice(first, last + 1).flat()
    const lowest = line.reduce((least, box) => Math.min(least, y[box]!), Infinity)
    let bottom = top
    for (const box of line) {
      x[box]! -= start
      y[box]! += top - lowest
      widest = Math.max(widest, x[box]! + widths[box]!)
      bottom = Math.max(bottom, y[box]! + heights[box]!)
    }
    top = bottom + 2 * gapY
    first = last + 1
    start = first < columns.length ? x[columns[first]![0]!]! : 0
  }
  return { width: widest, height: top - 2 * gapY }
}

/** The longest way from what comes from nothing; edges that would close a circle are passed over. */
function columnsOf(part: readonly number[], above: readonly number[][], below: readonly number[][]): number[][] {
  const inOrder = topological(part, below)
  const rank = new Map(inOrder.map((box, nth) => [box, nth]))
  const column = new Map<number, number>()
  for (const box of inOrder) {
    let own = 0
    for (const up of above[box]!) if (rank.get(up)! < rank.get(box)!) own = Math.max(own, column.get(up)! + 1)
    column.set(box, own)
  }
  // What comes from nothing stands close to who uses it.
  for (const box of inOrder) {
    if (above[box]!.some((up) => rank.get(up)! < rank.get(box)!)) continue
    const next = below[box]!.filter((down) => rank.get(down)! > rank.get(box)!).map((down) => column.get(down)!)
    if (next.length > 0) column.set(box, Math.min(...next) - 1)
  }
  const columns: number[][] = []
  for (const box of inOrder) (columns[column.get(box)!] ??= []).push(box)
  // A column that is far longer than the whole is wide is several.
  const longest = Math.max(14, Math.ceil(Math.sqrt(part.length) * 1.3))
  return columns.filter(Boolean).flatMap((boxes) => {
    const pieces = Math.ceil(boxes.length / longest)
    const size = Math.ceil(boxes.length / pieces)
    return Array.from({ length: pieces }, (_, nth) => boxes.slice(nth * size, (nth + 1) * size))
  })
}

/** By a walk in depth, without calls that nest: a chain may be as long as there are boxes. */
function topological(part: readonly number[], below: readonly number[][]): number[] {
  const left: number[] = []
  const seen = new Set<number>()
  for (const first of part) {
    if (seen.has(first)) continue
    seen.add(first)
    const walk: [number, number][] = [[first, 0]]
    for (let top = walk.at(-1); top; top = walk.at(-1)) {
      const [box, nth] = top
      const next = below[box]![nth]
      top[1] += 1
      if (next === undefined) {
        left.push(box)
        walk.pop()
      } else if (!seen.has(next)) {
        seen.add(next)
        walk.push([next, 0])
      }
    }
  }
  return left.reverse()
}

/** Each box moves to the middle of its neighbours, column by column, there and back, so that fewer edges cross. */
function ordered(columns: number[][], above: readonly number[][], below: readonly number[][]): number[][] {
  const place = new Map<number, number>()
  const number = (column: readonly number[]): void => {
    for (const [nth, box] of column.entries()) place.set(box, (nth + 0.5) / column.length)
  }
  columns.forEach(number)
  const columnOf = new Map(columns.flatMap((column, nth) => column.map((box) => [box, nth] as const)))
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const forth = sweep % 2 === 0
    const near = forth ? above : below
    for (const column of forth ? columns : columns.toReversed()) {
      const wanted = new Map<number, number>()
      for (const box of column) {
        const beside = near[box]!.filter((one) => columnOf.get(one) !== columnOf.get(box))
        const sum = beside.reduce((all, one) => all + place.get(one)!, 0)
        wanted.set(box, beside.length > 0 ? sum / beside.length : place.get(box)!)
      }
      column.sort((a, b) => wanted.get(a)! - wanted.get(b)! || place.get(a)! - place.get(b)!)
      number(column)
    }
  }
  return columns
}

/** Heights: each box as near to the middle of its neighbours as the order of its column leaves room for. */
function aligned(columns: readonly number[][], { heights, above, below, y }: Whole): void {
  for (const column of columns) {
    let top = 0
    for (const box of column) {
      y[box] = top
      top += heights[box]! + gapY
    }
    for (const box of column) y[box]! -= top / 2
  }
  const middle = (box: number): number => y[box]! + heights[box]! / 2
  for (let pass = 0; pass < 6; pass += 1) {
    const forth = pass % 2 === 0
    for (const column of forth ? columns : columns.toReversed()) {
      const wanted = column.map((box) => {
        const near = pass >= 4 ? [...above[box]!, ...below[box]!] : forth ? above[box]! : below[box]!
        return near.length === 0 ? middle(box) : near.reduce((sum, one) => sum + middle(one), 0) / near.length
      })
      spread(column, wanted, heights, y)
    }
  }
}

/** Isotonic regression: the smallest moves, in squares, after which nothing in the column overlaps. */
function spread(column: readonly number[], wanted: number[], heights: ArrayLike<number>, y: Float32Array): void {
  const blocks: { sum: number; count: number }[] = []
  const offsets: number[] = []
  let offset = 0
  for (const [nth, box] of column.entries()) {
    if (nth > 0) offset += (heights[column[nth - 1]!]! + heights[box]!) / 2 + gapY
    offsets.push(offset)
    let block = { sum: wanted[nth]! - offset, count: 1 }
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      blocks.pop()
      block = { sum: last.sum + block.sum, count: last.count + block.count }
    }
    blocks.push(block)
  }
  let nth = 0
  for (const { sum, count } of blocks)
    for (let n = 0; n < count; n += 1, nth += 1) {
      const box = column[nth]!
      y[box] = sum / count + offsets[nth]! - heights[box]! / 2
    }
}
