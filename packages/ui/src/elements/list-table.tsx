import type { ReactNode } from 'react'
import { classes } from './classes.ts'

export interface ListColumn<T> {
  readonly head: string
  readonly cell: (one: T) => ReactNode
  readonly className?: string
  /** A text that few have: left out where no row has one. */
  readonly isRare?: true
}

interface ListTableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly keyOf: (one: T) => string
  readonly columns: readonly ListColumn<T>[]
}

/** A table of what fits a page; on a phone it is pushed sideways. Its first column has the link that is the row. */
export function ListTable<T>({ label, rows, keyOf, columns: all }: ListTableProps<T>) {
  const columns = all.filter(({ isRare, cell }) => !isRare || rows.some((one) => Boolean(cell(one))))
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {columns.map(({ head, className }) => (
              <th
                key={head}
                scope="col"
                className={classes('px-3 py-1.5 font-sans! font-semibold whitespace-nowrap', className)}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={keyOf(one)} className="h-8 border-b border-line/60 last:border-0 hover:bg-hover">
              {columns.map(({ head, cell, className }) => (
                <td key={head} className={classes('max-w-96 truncate px-3 py-1', className)}>
                  {cell(one)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export const rowLink = 'font-medium hover:text-accent hover:underline'
