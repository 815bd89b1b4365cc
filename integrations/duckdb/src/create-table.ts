import type { Column } from '@sluice/core'
import { quote } from './names.ts'
import { typeRules } from './types.ts'

/** @param name already quoted. */
export function createTable(name: string, columns: readonly Column[], temp?: 'temp'): string {
  const list = columns.map(
    (column) => `${quote(column.name)} ${typeRules[column.type].sql}${column.nullable ? '' : ' not null'}`,
  )
  return `create ${temp ?? ''} table ${name} (${list.join(', ')})`
}

export function columnList(columns: readonly Column[]): string {
  return columns.map((column) => quote(column.name)).join(', ')
}
