import type { Metadata, MetadataValue } from '@sluice/core'
import { Link } from '@tanstack/react-router'
import { type ReactNode, Suspense, lazy } from 'react'
import { Facts } from '../elements/panel.tsx'
import { figureText } from '../elements/numbers.ts'
import { Time } from '../elements/time.tsx'
import { valueText } from '../values/value-text.ts'
import { ValueText } from '../values/value-view.tsx'

const Markdown = lazy(async () => ({ default: (await import('../elements/markdown.tsx')).Markdown }))

/** Typed facts, each as its type is read. */
export function MetadataView({ metadata }: { readonly metadata: Metadata }) {
  return (
    <Facts
      facts={Object.entries(metadata).map(([name, value]) => [name, <Fact key={name} name={name} value={value} />])}
    />
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: MetadataValue }) {
  switch (value.type) {
    case 'number':
      return figureText(value.value)
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
      return (
        <Suspense fallback={<span className="whitespace-pre-wrap">{value.value}</span>}>
          <Markdown text={value.value} />
        </Suspense>
      )
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
          facts={Object.entries(value.columns).map(([column, from]): [string, ReactNode] => [
            column,
            <ul key={column}>
              {from.map((one) => (
                <li key={`${one.asset} ${one.column}`}>
                  <Link to="/assets/$" params={{ _splat: one.asset }} className="text-accent hover:underline">
                    {one.asset}
                  </Link>{' '}
                  {one.column}
                </li>
              ))}
            </ul>,
          ])}
        />
      )
    case 'image':
      return /^image\/[\w+.-]+$/.test(value.mediaType) ? (
        <img alt={name} className="max-h-80 max-w-full" src={`data:${value.mediaType};base64,${value.data}`} />
      ) : null
  }
}

/** Records as a table. */
export function Rows({ rows }: { readonly rows: readonly Readonly<Record<string, unknown>>[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: unknown): string =>
    typeof value === 'string' ? value : value === undefined ? '' : valueText(value)
  return (
    <div className="max-h-120 overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label="Rows">
      <table className="w-full text-left text-xs">
        <thead className="sticky top-0 bg-surface">
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
