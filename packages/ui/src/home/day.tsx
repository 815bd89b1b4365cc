import { useQuery } from '@tanstack/react-query'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { weekTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { useNow } from '../frame/now.ts'
import { type Hour, hoursOf } from './hours.ts'
import { dayQuery } from './queries.ts'

/** The last 24 hours as columns: how many runs were made, and what became of them. */
export function Day() {
  const now = useNow()
  const zone = useZone()
  const { data, error } = useQuery(dayQuery)
  const hours = hoursOf(data?.runs ?? [], now)
  const most = Math.max(1, ...hours.map(({ good, bad, other }) => good + bad + other))
  const sum = (of: (one: Hour) => number): number => hours.reduce((all, one) => all + of(one), 0)
  const parts = [
    ['succeeded', sum(({ good }) => good), 'bg-good'],
    ['failed', sum(({ bad }) => bad), 'bg-bad'],
    ['other', sum(({ other }) => other), 'bg-wait'],
  ] as const
  return (
    <Panel
      title="Last 24 hours"
      aside={parts.map(([word, count, color]) => (
        <span key={word} className="flex items-center gap-1.5">
          <span className={`size-2.5 rounded-xs ${color}`} aria-hidden /> {count} {word}
        </span>
      ))}
    >
      {error ? <Problem error={error} /> : null}
      {data?.next == null ? null : <p className="text-muted">The newest 1000 runs.</p>}
      <ol aria-label="Runs by hour" className="flex h-20 items-end gap-1">
        {hours.map(({ from, good, bad, other }) => {
          const says = `${weekTime(from, zone)}: ${good} succeeded, ${bad} failed, ${other} other`
          return (
            <li key={from} title={says} className="flex h-full flex-1 flex-col justify-end gap-px">
              <span className="sr-only">{says}</span>
              {[
                [bad, 'bg-bad'],
                [other, 'bg-wait'],
                [good, 'bg-good'],
              ].map(([count, color]) =>
                count === 0 ? null : (
                  <span
                    key={color}
                    className={`rounded-xs ${color}`}
                    style={{ height: `${Math.max(4, (Number(count) / most) * 100)}%` }}
                  />
                ),
              )}
              {good + bad + other === 0 ? <span className="h-px bg-line" /> : null}
            </li>
          )
        })}
      </ol>
      <p aria-hidden className="mt-1 flex justify-between text-xs text-muted">
        {[hours[0]!, hours[12]!, hours[23]!].map(({ from }) => (
          <span key={from}>{weekTime(from, zone)}</span>
        ))}
      </p>
    </Panel>
  )
}
