import { useQuery } from '@tanstack/react-query'
import { ListTable } from '../elements/list-table.tsx'
import { Panel } from '../elements/panel.tsx'
import { Time } from '../elements/time.tsx'
import { figureText } from '../elements/numbers.ts'
import { RunLink } from '../runs/run-link.tsx'
import { historyQuery } from './queries.ts'
import { type Series, placesOf, seriesOf } from './series.ts'

/** Facts that are numbers, over time: each as a line, and the same as a table. */
export function MetadataPlots({ name }: { readonly name: string }) {
  const { data } = useQuery(historyQuery(name))
  const series = seriesOf(data?.records ?? [])
  if (series.length === 0) return null
  return (
    <Panel title="Metadata over time" aside={data?.next == null ? '' : `the last ${data?.records.length} records`}>
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        {series.map((one) => (
          <Plot key={one.name} series={one} />
        ))}
      </div>
    </Panel>
  )
}

const [width, height, room] = [280, 64, 5]

function Plot({ series: { name, points } }: { readonly series: Series }) {
  const values = points.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const last = points.at(-1)!
  const places = placesOf(points, width - 2 * room, height - 2 * room).map(([x, y]) => [x + room, y + room] as const)
  const says = `${name}: ${points.length} values from ${figureText(low)} to ${figureText(high)}, the last ${figureText(last.value)}`
  return (
    <figure className="min-w-0">
      <figcaption className="flex justify-between gap-3">
        <span className="truncate font-medium">{name}</span>
        <span className="whitespace-nowrap">{figureText(last.value)}</span>
      </figcaption>
      <div className="flex gap-2">
        <svg role="img" aria-label={says} viewBox={`0 0 ${width} ${height}`} className="min-w-0 flex-1 text-accent">
          <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
          <polyline
            points={places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
          />
          {points.map(({ value, partition }, nth) => (
            <circle
              key={nth}
              cx={places[nth]![0]}
              cy={places[nth]![1]}
              r={points.length > 60 ? 1.5 : 2.5}
              fill="currentColor"
            >
              <title>{[partition, figureText(value)].filter((one) => one !== null).join(': ')}</title>
            </circle>
          ))}
        </svg>
        <span aria-hidden className="flex flex-col justify-between text-right text-xs text-muted">
          <span>{figureText(high)}</span>
          <span>{high > low ? figureText(low) : ''}</span>
        </span>
      </div>
      <details>
        <summary className="w-fit text-muted">As a table</summary>
        <div className="max-h-56 overflow-y-auto" tabIndex={0} role="region" aria-label={`Values of ${name}`}>
          <ListTable
            label={`Values of ${name}`}
            rows={points.toReversed()}
            keyOf={({ at, partition, run }) => `${at} ${partition} ${run}`}
            columns={[
              { head: 'When', cell: ({ at }) => <Time at={at} /> },
              { head: 'Partition', cell: ({ partition }) => partition },
              { head: 'Value', cell: ({ value }) => figureText(value), className: 'text-right' },
              { head: 'Run', cell: ({ run }) => <RunLink run={run} /> },
            ]}
          />
        </div>
      </details>
    </figure>
  )
}
