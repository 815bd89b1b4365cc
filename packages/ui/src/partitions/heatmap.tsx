import type { PartitionState } from '@sluice/core'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTheme } from '../frame/settings.ts'
import { drawCell, drawPicture, inksOf } from './draw.ts'
import { type Picture, nothing } from './picture.ts'

export interface Cell {
  readonly column: number
  readonly row: number
}

interface HeatmapProps {
  readonly picture: Picture
  /** What two cells are the ends of: all between them in reading order, or a rectangle. */
  readonly between: 'line' | 'rectangle'
  readonly isChosen: (column: number, row: number) => boolean
  /** Which cell is pointed at; `null` for none. */
  readonly point: (cell: Cell | null) => void
  readonly choose: (from: Cell, to: Cell) => void
}

/** States as a picture: a stretch of it is chosen with a pointer. For keys and readers the list beside it is the same. */
export function Heatmap({ picture, between, isChosen, point, choose }: HeatmapProps) {
  const own = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  const [drag, setDrag] = useState<readonly [Cell, Cell] | null>(null)
  const { columns, rows, wide, high, cells } = picture
  useEffect(() => {
    const canvas = own.current
    const pen = canvas?.getContext('2d')
    if (!canvas || !pen) return
    const dense = devicePixelRatio
    canvas.width = columns * wide * dense
    canvas.height = rows * high * dense
    pen.scale(dense, dense)
    const within = drag ? isBetween(drag, between, columns) : isChosen
    drawPicture(pen, picture, (column, row) => row >= 0 && row < rows && within(column, row), inksOf(canvas))
  }, [picture, columns, rows, wide, high, drag, between, isChosen, theme])
  const cellAt = ({ clientX, clientY }: PointerEvent): Cell => {
    const { left, top } = own.current!.getBoundingClientRect()
    const limit = (at: number, count: number): number => Math.max(0, Math.min(count - 1, Math.floor(at)))
    return { column: limit((clientX - left) / wide, columns), row: limit((clientY - top) / high, rows) }
  }
  const has = ({ column, row }: Cell): boolean => cells[row * columns + column] !== nothing
  return (
    <canvas
      ref={own}
      aria-hidden
      className="block cursor-crosshair touch-pan-y select-none"
      style={{ width: columns * wide, height: rows * high }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        const cell = cellAt(event)
        if (!has(cell)) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag([cell, cell])
      }}
      onPointerMove={(event) => {
        const cell = cellAt(event)
        point(has(cell) ? cell : null)
        if (drag && has(cell) && !isSame(drag[1], cell)) setDrag([drag[0], cell])
      }}
      onPointerUp={() => {
        if (drag) choose(...drag)
        setDrag(null)
      }}
      // A finger that scrolls chooses nothing.
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => point(null)}
    />
  )
}

const isSame = (one: Cell, other: Cell): boolean => one.column === other.column && one.row === other.row

function isBetween([from, to]: readonly [Cell, Cell], between: 'line' | 'rectangle', columns: number) {
  const inside = (at: number, one: number, other: number): boolean =>
    at >= Math.min(one, other) && at <= Math.max(one, other)
  const place = ({ column, row }: Cell): number => row * columns + column
  return between === 'line'
    ? (column: number, row: number) => inside(place({ column, row }), place(from), place(to))
    : (column: number, row: number) => inside(column, from.column, to.column) && inside(row, from.row, to.row)
}

/** How a state looks in the picture. */
export function Swatch({ state }: { readonly state: PartitionState }) {
  const own = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const canvas = own.current
    const pen = canvas?.getContext('2d')
    if (!canvas || !pen) return
    canvas.width = canvas.height = 14 * devicePixelRatio
    pen.scale(devicePixelRatio, devicePixelRatio)
    drawCell(pen, state, [0, 0, 14, 14], inksOf(canvas))
  }, [state, theme])
  return <canvas ref={own} aria-hidden className="size-3.5" />
}
