import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { automationsQuery } from '../automations/queries.ts'
import { targetsText } from '../automations/automations-page.tsx'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { weekTime } from '../elements/time-text.ts'
import { Ago, useZone } from '../elements/time.tsx'
import { useNow } from '../frame/now.ts'

const day = 86_400_000

/** Which schedules tick within 24 hours. */
export function Coming() {
  const now = useNow()
  const zone = useZone()
  const { data, error } = useQuery(automationsQuery)
  const coming = (data ?? [])
    .flatMap((one) =>
      one.kind === 'schedule' && one.next !== null && one.next - now < day ? [{ ...one, next: one.next }] : [],
    )
    .toSorted((a, b) => a.next - b.next)
  return (
    <Panel
      title="Next 24 hours"
      flush
      aside={
        <Link to="/automations" className="hover:underline">
          All
        </Link>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data && coming.length === 0 ? <p className="px-3 py-3 text-muted">Nothing is scheduled.</p> : null}
      <ul>
        {coming.slice(0, 10).map((one) => (
          <li
            key={`${one.location} ${one.name}`}
            className="relative flex items-baseline gap-3 border-b border-line/60 px-3 py-1.5 last:border-0 hover:bg-hover"
          >
            <span className="w-20 shrink-0 text-muted">{weekTime(one.next, zone)}</span>
            <span className="min-w-0 flex-1 truncate">
              <Link
                to="/automations/$location/$kind/$name"
                params={{ location: one.location, kind: 'schedule', name: one.name }}
                data-row
                className="font-medium after:absolute after:inset-0"
              >
                {one.name}
              </Link>{' '}
              <span className="text-muted">→ {targetsText(one)}</span>
            </span>
            <span className="text-muted">
              <Ago at={one.next} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
