import type { StateRange } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Cell, Heatmap } from './heatmap.tsx'
import { isWhole, partitionOfStretches } from './partition-text.ts'
import { type Picture, type Stretch, cellsOf, lineOf, matrixOf, stretchOf } from './picture.ts'
import { type Dim, keyAt, keysQuery } from './queries.ts'

interface PartitionMapProps {
  readonly asset: string
  readonly dims: readonly Dim[]
  readonly ranges: readonly StateRange[]
  /** Which dimensions go from left to right, and down; the same twice where there is one. */
  readonly axes: readonly [across: number, down: number]
  /** What is shown of each dimension. */
  readonly shown: readonly Stretch[]
  readonly chosen: readonly (readonly Stretch[])[]
  readonly choose: (partition: string) => void
  /** In pixels. */
  readonly width: number
}

const height = 240
/** How many slices by the clock are a row that people know. */
const units: Readonly<Record<string, number>> = { hourly: 24, daily: 7, monthly: 12 }

/** The state of every partition as cells: a stretch of them is chosen with the pointer. */
export function PartitionMap({ asset, dims, ranges, axes, shown, chosen, choose, width }: PartitionMapProps) {
  const [across, down] = axes
  const isLine = dims.length === 1
  const [x, y] = [shown[across]!, shown[down]!]
  const labels = Math.min(128, Math.floor(width * 0.34))
  const space = { width: Math.max(80, width - labels - 8), height }
  const picture = useMemo(
    () =>
      isLine
        ? lineOf(ranges, x, { ...space, unit: units[dims[0]!.kind] ?? 10 })
        : matrixOf(ranges, { ...x, name: dims[across]!.name! }, { ...y, name: dims[down]!.name! }, space),
    [isLine, ranges, dims, across, down, x.at, x.count, y.at, y.count, space.width],
  )
  const { columns, perColumn, perRow } = picture
  const isChosen = useCallback(
    (column: number, row: number) =>
      chosen.some((box) => {
        if (isLine) {
          const [from, to] = cellsOf(box[0], x, perColumn)
          const cell = row * columns + column
          return cell >= from && cell < to
        }
        const [left, right] = cellsOf(box[across], x, perColumn)
        const [top, bottom] = cellsOf(box[down], y, perRow)
        return column >= left && column < right && row >= top && row < bottom
      }),
    [chosen, isLine, x, y, across, down, columns, perColumn, perRow],
  )
  /** What a rectangle, or a line, of cells stands for, by dimension; `null`: all of it. */
  const stretches = (from: Cell, to: Cell): (Stretch | null)[] => {
    const place = ({ column, row }: Cell): number => row * columns + column
    if (isLine) return [stretchOf(place(from), place(to), x, perColumn)]
    const found = shown.map((one, n): Stretch | null => (isWhole(one, dims[n]!.count) ? null : one))
    found[across] = stretchOf(from.column, to.column, x, perColumn)
    found[down] = stretchOf(from.row, to.row, y, perRow)
    return found
  }
  const textOf = async (all: readonly (Stretch | null)[]): Promise<string> => {
    const ends = all.map(async (one, n) => {
      if (one === null) return null
      const { name } = dims[n]!
      return [await keyAt(asset, name, one.at), await keyAt(asset, name, one.at + one.count - 1)] as const
    })
    return partitionOfStretches(await Promise.all(ends))
  }
  const [cell, point] = useState<Cell | null>(null)
  const [pointed, setPointed] = useState('')
  useEffect(() => {
    let isOver = false
    if (cell === null) setPointed('')
    else
      void textOf(stretches(cell, cell)).then(
        (text) => isOver || setPointed(text),
        () => isOver || setPointed(''),
      )
    return () => void (isOver = true)
  }, [cell?.column, cell?.row, picture])
  return (
    <div>
      <div className="flex items-start gap-2">
        <RowLabels asset={asset} dim={dims[down]!} from={y.at} picture={picture} width={labels} />
        <Heatmap
          picture={picture}
          between={isLine ? 'line' : 'rectangle'}
          isChosen={isChosen}
          point={(next) => {
            if (next?.column !== cell?.column || next?.row !== cell?.row) point(next)
          }}
          choose={(from, to) => void textOf(stretches(from, to)).then(choose)}
        />
      </div>
      <p aria-hidden className="mt-1 flex h-5 justify-between gap-3 font-mono text-xs text-muted">
        <span className="truncate">{pointed || (isLine ? '' : `${dims[down]!.name} × ${dims[across]!.name}`)}</span>
        <span className="shrink-0">{perColumn * (isLine ? 1 : perRow) > 1 ? cellText(picture, isLine) : ''}</span>
      </p>
    </div>
  )
}

const cellText = ({ perColumn, perRow }: Picture, isLine: boolean): string =>
  `a cell is ${isLine ? perColumn : `${perColumn} × ${perRow}`} partitions, by the most urgent`

interface RowLabelsProps {
  readonly asset: string
  readonly dim: Dim
  /** The place of the first. */
  readonly from: number
  readonly picture: Picture
  readonly width: number
}

/** The first key of rows, as many as have room. */
function RowLabels({ asset, dim, from, picture: { rows, high, perRow }, width }: RowLabelsProps) {
  const every = Math.max(1, Math.ceil(16 / high))
  const asked = { dim: dim.name, from, step: perRow * every, limit: Math.max(1, Math.ceil(rows / every)) }
  const { data = [] } = useQuery(keysQuery(asset, asked))
  return (
    <ul aria-hidden className="shrink-0 overflow-hidden font-mono text-xs text-muted" style={{ width }}>
      {data.map((key) => (
        <li key={key} title={key} className="truncate leading-4" style={{ height: high * every }}>
          {key}
        </li>
      ))}
    </ul>
  )
}
