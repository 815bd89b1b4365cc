import { countOf, numberText } from '../elements/numbers.ts'

/** How many rows are read at first, and then; the last is what the API reads at most. */
const counts = [20, 100, 1000] as const
export const [firstRows] = counts

/** How many to read next; `null`: there are no more, or no more are read. `total` is `null` where nobody knows it. */
export const moreRows = (shown: number, total: number | null): number | null =>
  total !== null && shown >= total ? null : (counts.find((count) => count > shown) ?? null)

/** `2 rows`, `the first 20 of 45 rows`. */
export function shownText(shown: number, total: number | null): string {
  if (total !== null && shown >= total) return countOf(shown, 'row')
  const of = total === null ? '' : ` of ${numberText(total)}`
  const rest = moreRows(shown, total) === null ? '; more are read by code alone' : ''
  return `The first ${numberText(shown)}${of} rows${rest}`
}
