import { SluiceError } from '../errors/sluice-error.ts'
import { rowProblem } from './check-row.ts'
import type { Column } from './columns.ts'
import { encode } from './encode.ts'
import { hash } from './hash.ts'
import type { Slot, WriteContext } from './io.ts'

const part = (text: string): string =>
  text.length > 120
    ? hash(text)
    : encodeURIComponent(text)
        .replaceAll('*', '%2A')
        .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'))

/** Where what one attempt writes has its place: `<asset>/<partition>/<run>-<epoch>-<step>-<attempt>.json` (`.rows` for a table). */
export function placeOf({ name, partition, slot, columns }: WriteContext): string {
  const file = `${slot.run}-${slot.epoch}-${slot.step}-${slot.attempt}${columns ? '.rows' : '.json'}`
  return [...name.split('/').map(part), ...(partition === null ? [] : [part(partition)]), file].join('/')
}

/** Whose place it is, by the last part of its name; `undefined` for something else. */
export function slotOf(file: string): Slot | undefined {
  const found = /^(.+)-(\d+)-(\d+)-(\d+)\.(?:rows|json)$/.exec(file)
  if (!found) return undefined
  return { run: found[1]!, epoch: Number(found[2]), step: Number(found[3]), attempt: Number(found[4]) }
}

/**
 * Encodes the rows of one table, one after another.
 *
 * @throws what it gives: SluiceError ROW_INVALID with the number of the row; RESULT_NOT_STORABLE.
 */
export function rowEncoder(name: string, columns: readonly Column[]): (row: unknown) => string {
  let count = 0
  return (row) => {
    count += 1
    const problem = rowProblem(row, columns)
    if (!problem) return encode(row)
    throw new SluiceError('ROW_INVALID', `Row ${count} of "${name}" does not fit its columns: ${problem}.`, {
      hint: 'Mend the rows, or the columns of the asset.',
      data: { row: count },
    })
  }
}
