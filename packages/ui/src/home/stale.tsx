import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { HealthState } from '../assets/health-state.tsx'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { staleQuery, staleSelection } from './queries.ts'

/** Assets of which something is not up to date. */
export function Stale({ owner }: { readonly owner: string | undefined }) {
  const { data, error, refetch } = useQuery(staleQuery(owner))
  if (!data?.assets.length && !error) return null
  return (
    <Panel
      title="Stale assets"
      flush
      aside={
        data ? (
          <Link to="/assets" search={{ selection: staleSelection(owner) }} className="hover:underline">
            {data.assets.length}
            {data.next === null ? '' : '+'}
          </Link>
        ) : null
      }
    >
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      <ul>
        {data?.assets.slice(0, 6).map(({ location, definition: { name }, health, latest }) => (
          <li
            key={`${location} ${name}`}
            className="relative flex items-baseline gap-3 border-b border-line/60 px-3 py-1.5 last:border-0 hover:bg-hover"
          >
            <span className="shrink-0 empty:hidden">
              {health && health.health !== 'healthy' ? <HealthState health={health.health} /> : null}
            </span>
            <Link
              to="/assets/$"
              params={{ _splat: name }}
              data-row
              className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0"
            >
              {name}
            </Link>
            <span className="text-muted">{latest ? <Ago at={latest.at} /> : 'never made'}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
