import type { Metadata, MetadataValue } from '@sluice/core'
import { type Style, oneLine } from './style.ts'
import { table } from './table.ts'
import { localTime } from './times.ts'
import { bytesText, countOf, numberText } from './words.ts'

const LINES = 16

/** `name  value`, one fact a line; texts of several lines below their name. */
export function metadataLines(style: Style, metadata: Metadata, columns: number): string[] {
  const entries = Object.entries(metadata)
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries.flatMap(([name, value]) => {
    const [first, ...more] = valueLines(style, value, columns)
    return more.length === 0
      ? [`${style.dim(name.padEnd(width))}  ${first ?? ''}`]
      : [style.dim(name), ...[first!, ...more].map((line) => `  ${line}`)]
  })
}

function valueLines(style: Style, value: MetadataValue, columns: number): string[] {
  switch (value.type) {
    case 'number':
      return [numberText(value.value)]
    case 'boolean':
      return [String(value.value)]
    case 'timestamp':
      return [localTime(value.value)]
    case 'json':
      return [oneLine(JSON.stringify(value.value))]
    case 'markdown':
      return shortened(style, markdownText(style, value.value))
    case 'text':
    case 'url':
    case 'path':
      return shortened(style, value.value.split('\n').map(oneLine))
    case 'image':
      return [`${value.mediaType}, ${bytesText(Math.floor((value.data.length * 3) / 4))}`]
    case 'schema':
      return [value.columns.map((one) => `${one.name} ${style.dim(one.type)}`).join(', ')]
    case 'columnLineage':
      return shortened(
        style,
        Object.entries(value.columns).map(
          ([name, from]) => `${name} ${style.dim('←')} ${from.map((one) => `${one.asset}.${one.column}`).join(', ')}`,
        ),
      )
    case 'table':
      return tableLines(style, value.rows, columns)
  }
}

function tableLines(style: Style, rows: readonly Readonly<Record<string, unknown>>[], columns: number): string[] {
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.slice(0, LINES).map((row) => names.map((name) => cellText(row[name])))
  const titles = names.map((title) => ({
    title,
    flexible: true,
    ...(typeof rows[0]?.[title] === 'number' && { align: 'end' as const }),
  }))
  const more = rows.length > LINES ? [style.dim(`… and ${rows.length - LINES} more`)] : []
  return [...table(style, titles, cells, columns), ...more]
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return oneLine(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  const text: unknown = (value as { toString(): unknown }).toString()
  return oneLine(
    typeof text === 'string' && !text.startsWith('[object') && !Array.isArray(value) ? text : JSON.stringify(value),
  )
}

/** Markdown read as text: headings and bold are bold, the rest stays as it was written. */
function markdownText(style: Style, text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const heading = /^#{1,6}\s+(.*)$/.exec(line)
      if (heading) return style.bold(oneLine(heading[1]!))
      return oneLine(line)
        .replaceAll(/\*\*(.+?)\*\*/g, (_, bold: string) => style.bold(bold))
        .replaceAll(/`([^`]+)`/g, (_, code: string) => style.cyan(code))
    })
}

function shortened(style: Style, lines: string[]): string[] {
  return lines.length > LINES
    ? [...lines.slice(0, LINES), style.dim(`… ${countOf(lines.length - LINES, 'more line', 'more lines')}`)]
    : lines
}
