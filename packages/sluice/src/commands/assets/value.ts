import { decode } from '@sluice/core'
import type { Preview } from '@sluice/worker'
import { cellText } from '../../terminal/metadata.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { valueText } from '../../terminal/value-text.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { environmentOf, wholeNumber } from '../options.ts'
import { lookInto } from '../supervise/look.ts'
import type { SystemOptions } from '../../system/system.ts'
import { withStore } from '../with-store.ts'
import { codeOf } from './code-of.ts'
import { namedServer } from './named-server.ts'

export interface ValueOptions extends SystemOptions {
  readonly partition?: string
  readonly limit: string
  readonly env?: string
  readonly json?: boolean
}

/** `sluice assets value`: what an asset holds, its first rows where it is a table or a list. */
export async function showValue(name: string, file: string | undefined, options: ValueOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit)
  const preview = await previewOf(name, file, options, limit)
  if (options.json) return printJson(preview)
  if (preview.shape === 'value') return output.line(valueText(decode(preview.value), output.columns || 100))
  printRows(decode(preview.rows) as unknown[], preview.total)
}

async function previewOf(
  name: string,
  file: string | undefined,
  options: ValueOptions,
  limit: number,
): Promise<Preview> {
  const system = await namedServer(file, options)
  if (system) {
    const { partition } = options
    return system.server!.client.assets.preview({ asset: name, limit, ...(partition !== undefined && { partition }) })
  }
  return withStore(async (store, project) => {
    const location = await codeOf(name, file, store, project)
    const environment = environmentOf(options)
    const config = project.configFile ?? null
    const partition = options.partition ?? null
    return lookInto(
      { location, environment, describing: true, store },
      async ({ child }) =>
        (await child.ask({ request: 'preview', asset: name, partition, limit, environment, config })) as Preview,
    )
  })
}

function printRows(rows: readonly unknown[], total: number | null): void {
  const { style, columns, line } = output
  const isTable =
    rows.length > 0 &&
    rows.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row) && !(Symbol.toStringTag in row))
  if (isTable) {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row as object)))]
    const cells = rows.map((row) => names.map((name) => cellText((row as Record<string, unknown>)[name])))
    const titles = names.map((title) => ({
      title,
      flexible: true,
      ...(isNumeric(rows, title) && { align: 'end' as const }),
    }))
    for (const text of table(style, titles, cells, columns)) line(text)
  } else for (const row of rows) line(valueText(row, columns || 100))
  const shown =
    total === null
      ? `the first ${countOf(rows.length, 'row')}; --limit N shows more`
      : total > rows.length
        ? `${numberText(rows.length)} of ${countOf(total, 'row')}`
        : countOf(total, 'row')
  line(style.dim(shown))
}

function isNumeric(rows: readonly unknown[], name: string): boolean {
  return rows.every(
    (row) =>
      ['number', 'bigint', 'undefined'].includes(typeof (row as Record<string, unknown>)[name]) ||
      (row as Record<string, unknown>)[name] === null,
  )
}

function printJson(preview: Preview): void {
  if (preview.shape === 'value') return json(plain(decode(preview.value)))
  for (const row of decode(preview.rows) as unknown[]) json(plain(row))
}

/** JSON for any program: what JSON has no form for is its text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'bigint'
        ? String(inner)
        : inner instanceof Map
          ? Object.fromEntries(inner)
          : inner instanceof Set
            ? [...inner]
            : inner instanceof Uint8Array
              ? inner.toBase64()
              : inner,
    ) ?? 'null',
  )
}
