import { type PartitionState, partitionStates } from '@sluice/core'
import { colorsAt } from '../elements/colors.ts'
import { type Picture, nothing } from './picture.ts'

/** The colors of a theme, as the browser has worked them out. */
export type Inks = Readonly<Record<PartitionState | 'line' | 'edge' | 'accent' | 'surface', string>>

const variables: Readonly<Record<keyof Inks, string>> = {
  'in progress': '--busy',
  failed: '--bad',
  stale: '--warn',
  fresh: '--good',
  missing: '--edge',
  line: '--line',
  edge: '--edge',
  accent: '--accent',
  surface: '--surface',
}

export const inksOf = (element: HTMLElement): Inks => colorsAt(element, variables)

type Pen = CanvasRenderingContext2D
type Box = readonly [x: number, y: number, wide: number, high: number]

/**
 * One cell: states are told by their shape as well as by their color. Whole is fresh, the lower half is stale, cut through
 * is failed, a core is in progress, a base line is missing.
 */
export function drawCell(pen: Pen, state: PartitionState, [x, y, wide, high]: Box, inks: Inks) {
  const gap = Math.min(wide, high) >= 7 ? 1 : 0.5
  const [left, top, width, height] = [x + gap / 2, y + gap / 2, wide - gap, high - gap]
  pen.fillStyle = state === 'missing' || state === 'fresh' || state === 'failed' ? inks[state] : inks.line
  const line = Math.max(1, height / 6)
  if (state === 'missing') return pen.fillRect(left, top + height - line, width, line)
  pen.fillRect(left, top, width, height)
  pen.fillStyle = inks[state]
  if (state === 'stale') pen.fillRect(left, top + height / 2, width, height / 2)
  if (state === 'in progress') pen.fillRect(left + width / 4, top + height / 4, width / 2, height / 2)
  if (state !== 'failed') return
  pen.strokeStyle = inks.surface
  pen.lineWidth = Math.max(1, Math.min(width, height) / 6)
  pen.beginPath()
  pen.moveTo(left, top + height)
  pen.lineTo(left + width, top)
  pen.stroke()
}

/** Everything, with what is chosen in a frame. */
export function drawPicture(
  pen: Pen,
  { columns, rows, wide, high, cells }: Picture,
  isChosen: (column: number, row: number) => boolean,
  inks: Inks,
): void {
  pen.clearRect(0, 0, columns * wide, rows * high)
  for (const [nth, urgency] of cells.entries()) {
    if (urgency === nothing) continue
    const [column, row] = [nth % columns, Math.floor(nth / columns)]
    drawCell(pen, partitionStates[urgency]!, [column * wide, row * high, wide, high], inks)
  }
  pen.fillStyle = inks.accent
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (!isChosen(column, row)) continue
      const [x, y] = [column * wide, row * high]
      pen.globalAlpha = 0.3
      pen.fillRect(x, y, wide, high)
      pen.globalAlpha = 1
      // Only where what is beside is not chosen too: the frame is around all of it.
      if (!isChosen(column, row - 1)) pen.fillRect(x, y, wide, 1.5)
      if (!isChosen(column, row + 1)) pen.fillRect(x, y + high - 1.5, wide, 1.5)
      if (column === 0 || !isChosen(column - 1, row)) pen.fillRect(x, y, 1.5, high)
      if (column === columns - 1 || !isChosen(column + 1, row)) pen.fillRect(x + wide - 1.5, y, 1.5, high)
    }
}
