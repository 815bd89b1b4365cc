import type { Metadata, MetadataValue } from '@sluice/core'
import { Facts } from '../elements/panel.tsx'
import { numberText } from '../elements/numbers.ts'
import { Time } from '../elements/time.tsx'
import { valueText } from '../values/value-text.ts'
import { ValueText } from '../values/value-view.tsx'

/** Typed facts, each as its type is read. */
export function MetadataView({ metadata }: { readonly metadata: Metadata }) {
  return <Facts facts={Object.entries(metadata).map(([name, value]) => [name, <Fact key={name} value={value} />])} />
}

function Fact({ value }: { readonly value: MetadataValue }) {
  switch (value.type) {
    case 'number':
      return numberText(value.value)
    case 'boolean':
      return value.value ? 'yes' : 'no'
    case 'timestamp':
      return <Time at={value.value} />
    case 'url':
      return /^https?:\/\//.test(value.value) ? (
        <a href={value.value} rel="noreferrer" target="_blank" className="break-all text-accent underline">
          {value.value}
        </a>
      ) : (
        value.value
      )
    case 'path':
      return <code className="font-mono text-xs break-all">{value.value}</code>
    case 'markdown':
    case 'text':
      // As it was written: nothing of it is HTML.
      return <span className="whitespace-pre-wrap">{value.value}</span>
    case 'json':
      return <ValueText label="JSON" text={valueText(value.value)} />
    case 'table':
      return <Rows rows={value.rows} />
    case 'schema':
      return <Rows rows={value.columns} />
    case 'columnLineage':
      return (
        <Facts
          facts={Object.entries(value.columns).map(([column, from]) => [
            column,
            from.map((one) => `${one.asset}.${one.column}`).join(', '),
          ])}
        />
      )
    case 'image':
      return /^image\/[\w+.-]+$/.test(value.mediaType) ? (
        <img alt="" className="max-h-80 max-w-full" src={`data:${value.mediaType};base64,${value.data}`} />
      ) : null
  }
}

/** Records as a table. */
export function Rows({ rows }: { readonly rows: readonly Readonly<Record<string, unknown>>[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: unknown): string =>
    typeof value === 'string' ? value : value === undefined ? '' : valueText(value)
  return (
    <div className="overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label="Rows">
      <table className="w-full text-left text-xs">
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th key={column} scope="col" className="px-2 py-1 font-semibold whitespace-nowrap text-muted">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, nth) => (
            <tr key={nth} className="border-b border-line/50 last:border-0">
              {columns.map((column) => (
                <td key={column} className="max-w-80 truncate px-2 py-1 font-mono">
                  {cell(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
