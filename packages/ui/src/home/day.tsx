import { useQuery } from '@tanstack/react-query'
import { Problem } from '../elements/note.tsx'
import { numberText } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { weekTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { Column, type Stretch, countsText, stretchesOf } from '../runs/columns.tsx'
import { dayQuery } from './queries.ts'

/** The last 24 hours as columns: how many runs were made, and what became of them. */
export function Day() {
  const zone = useZone()
  const { data, error } = useQuery(dayQuery)
  const hours = stretchesOf(data?.counts ?? [], data?.width ?? 0)
  const most = Math.max(1, ...hours.map(({ good, bad, other }) => good + bad + other))
  const sum = (of: (one: Stretch) => number): string =>
    `${hours.some(({ isMore }) => isMore) ? 'more than ' : ''}${numberText(hours.reduce((all, one) => all + of(one), 0))}`
  const parts = [
    ['succeeded', sum(({ good }) => good), 'bg-good'],
    ['failed', sum(({ bad }) => bad), 'bg-bad'],
    ['other', sum(({ other }) => other), 'bg-wait'],
  ] as const
  return (
    <Panel
      title="Last 24 hours"
      aside={(data ? parts : []).map(([word, count, color]) => (
        <span key={word} className="flex items-center gap-1.5">
          <span className={`size-2.5 rounded-xs ${color}`} aria-hidden /> {count} {word}
        </span>
      ))}
    >
      {error ? <Problem error={error} /> : null}
      <ol aria-label="Runs by hour" className="flex h-20 items-end gap-1">
        {hours.map((hour) => {
          const says = `${weekTime(hour.from, zone)}: ${countsText(hour)}`
          return (
            <li key={hour.from} title={says} className="h-full flex-1">
              <span className="sr-only">{says}</span>
              <Column of={hour} most={most} />
            </li>
          )
        })}
      </ol>
      <p aria-hidden className="mt-1 flex min-h-4 justify-between text-xs text-muted">
        {[hours[0], hours[12], hours[23]].map((hour) =>
          hour ? <span key={hour.from}>{weekTime(hour.from, zone)}</span> : null,
        )}
      </p>
    </Panel>
  )
}
