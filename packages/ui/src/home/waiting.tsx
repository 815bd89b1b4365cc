import type { Run } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Lasted, useZone } from '../elements/time.tsx'
import { useNow } from '../frame/now.ts'
import { lineOf, runTitle } from '../runs/words.ts'
import { poolsQuery } from '../workers/queries.ts'
import { activeQuery } from './queries.ts'
import { deadPools, isStuck } from './stuck.ts'

/** What runs, and what waits and why. */
export function Waiting() {
  const now = useNow()
  const zone = useZone()
  const { data, error } = useQuery(activeQuery)
  const runs = data?.runs ?? []
  const { data: queue } = useQuery(poolsQuery)
  const dead = deadPools(queue?.pools ?? [])
  // Stuck first, then what runs, then what waits.
  const rank = (run: Run): number => (isStuck(run, now) ? 0 : run.state === 'waiting' ? 2 : 1)
  const order = runs.toSorted((a, b) => rank(a) - rank(b))
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
          {data ? `${runs.length}${data.next === null ? '' : '+'}` : 'All'}
        </Link>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data && runs.length === 0 ? <p className="px-3 py-3 text-muted">Nothing runs, and nothing waits.</p> : null}
      {dead.map((says) => (
        <p key={says} className="flex items-center gap-2 border-b border-line/60 px-3 py-1.5 text-warn">
          <TriangleAlert size={14} aria-hidden className="shrink-0" /> {says}
        </p>
      ))}
      <ul>
        {order.slice(0, 8).map((run) => (
          <li
            key={run.id}
            className="relative flex items-center gap-3 border-b border-line/60 px-3 py-1.5 last:border-0 hover:bg-hover"
          >
            <span className="w-20 shrink-0">
              {isStuck(run, now) ? (
                <span className="inline-flex items-center gap-1.5 text-warn">
                  <TriangleAlert size={14} aria-hidden /> stuck
                </span>
              ) : (
                <State state={run.state} />
              )}
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
