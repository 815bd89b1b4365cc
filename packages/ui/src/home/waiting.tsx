import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Lasted, useZone } from '../elements/time.tsx'
import { useNow } from '../frame/now.ts'
import { lineOf, runTitle } from '../runs/words.ts'
import { activeQuery } from './queries.ts'

/** What runs, and what waits and why. */
export function Waiting() {
  const now = useNow()
  const zone = useZone()
  const { data, error } = useQuery(activeQuery)
  const runs = data?.runs ?? []
  const order = runs.toSorted((a, b) => Number(a.state === 'waiting') - Number(b.state === 'waiting'))
  return (
    <Panel
      title="Running and waiting"
      flush
      aside={
        <Link
          to="/runs"
          search={{ states: ['waiting', 'starting', 'running', 'canceling'] }}
          className="hover:underline"
        >
          {data?.next === null ? runs.length : `${runs.length}+`}
        </Link>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data && runs.length === 0 ? <p className="px-3 py-3 text-muted">Nothing runs, and nothing waits.</p> : null}
      <ul>
        {order.slice(0, 8).map((run) => (
          <li
            key={run.id}
            className="relative flex items-center gap-3 border-b border-line/60 px-3 py-1.5 last:border-0 hover:bg-hover"
          >
            <span className="w-20 shrink-0">
              <State state={run.state} />
            </span>
            <span className="min-w-0 flex-1 truncate">
              <Link
                to="/runs/$run"
                params={{ run: run.id }}
                data-row
                className="font-medium after:absolute after:inset-0"
              >
                {runTitle(run)}
              </Link>{' '}
              <span className="text-muted">{lineOf(run, now, zone)}</span>
            </span>
            <span className="text-muted">
              <Lasted from={run.startedAt ?? run.createdAt} to={null} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
