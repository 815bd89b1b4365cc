import type { SluiceEvent } from '@sluice/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { type SubmitEvent, useEffect, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { ListTable } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { Time } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { RunLink } from '../runs/run-link.tsx'
import { given } from '../runs/search.ts'
import { eventText } from './event-text.ts'
import { eventsQuery } from './queries.ts'
import type { EventsSearch } from './search.ts'

const route = getRouteApi('/events')

/** What people look for; each is a type, or what several begin with. */
const kinds = [
  ['run', 'Runs'],
  ['run.failed', 'Failed runs'],
  ['step', 'Steps tried again, warnings'],
  ['asset', 'Assets'],
  ['asset.materialized', 'Made assets'],
  ['check', 'Checks'],
  ['freshness', 'Freshness'],
  ['partitions', 'Partitions'],
  ['tick', 'Ticks that failed'],
  ['backfill', 'Backfills'],
  ['approval', 'Approvals'],
  ['worker', 'Workers that were lost'],
  ['location.activated', 'Code that became active'],
  ['location.failed', 'Code that could not be loaded'],
  ['backup', 'Backups that failed'],
  ['hook', 'Hooks that failed'],
] as const

/** Everything that happened, newest first, as it happens. */
export function EventsPage() {
  usePageTitle('Events')
  const search = route.useSearch()
  const navigate = useNavigate()
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(eventsQuery(search))
  const events = data?.pages.flatMap((page) => page.events) ?? []
  const put = (part: { [K in keyof EventsSearch]: EventsSearch[K] | undefined }): void =>
    void navigate({ to: '/events', search: given({ ...search, ...part }), replace: true })
  const isFiltered = Object.keys(search).length > 0
  return (
    <>
      <PageHeader title="Events">
        {data ? (
          <span className="text-muted">
            {events.length}
            {hasNextPage ? ' and more' : ''}
          </span>
        ) : null}
      </PageHeader>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2">
        <select
          aria-label="What"
          className="field max-sm:w-full"
          value={search.type ?? ''}
          onChange={({ target }) => put({ type: target.value === '' ? undefined : target.value })}
        >
          <option value="">Everything</option>
          {search.type !== undefined && !kinds.some(([kind]) => kind === search.type) ? (
            <option>{search.type}</option>
          ) : null}
          {kinds.map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </select>
        <Typed label="Asset" value={search.asset ?? ''} put={(asset) => put({ asset })} />
        <Typed label="Run" value={search.run ?? ''} put={(run) => put({ run })} />
        {isFiltered ? (
          <Button
            look="quiet"
            icon={<X size={14} aria-hidden />}
            onClick={() => void navigate({ to: '/events', search: {} })}
          >
            Clear
          </Button>
        ) : null}
      </div>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="events" /> : null}
      {data && events.length === 0 && !hasNextPage ? (
        isFiltered ? (
          <Empty title="No event is like this.">Those that are older than what retention keeps are gone.</Empty>
        ) : (
          <Empty
            title="Nothing has happened yet."
            commands={['sluice runs launch NAME', 'sluice materialize "*"', 'sluice schedules list']}
          >
            What runs, is made, fails or is decided appears here as it happens.
          </Empty>
        )
      ) : null}
      {events.length > 0 ? (
        <div className="bg-surface">
          <ListTable
            label="Events"
            rows={events}
            keyOf={({ id }) => String(id)}
            columns={[
              {
                head: 'When',
                cell: ({ at }) => <Time at={at} />,
                className: 'w-32 text-muted',
              },
              {
                head: 'What',
                cell: ({ type }) => (
                  <button type="button" className="font-mono text-xs hover:underline" onClick={() => put({ type })}>
                    {type}
                  </button>
                ),
                className: 'w-40',
              },
              { head: 'Of', cell: (event) => <Whom event={event} />, className: 'max-w-72' },
              {
                head: 'Says',
                cell: (event) => <span title={eventText(event)}>{eventText(event)}</span>,
                className: 'text-muted hidden md:table-cell',
              },
            ]}
          />
        </div>
      ) : null}
      {hasNextPage ? (
        <p className="p-3">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Older events
          </Button>
        </p>
      ) : null}
    </>
  )
}

/** The asset and the run that an event is of. */
function Whom({ event: { run, step, asset, partition } }: { readonly event: SluiceEvent }) {
  return (
    <>
      {asset === null ? null : (
        <Link to="/assets/$" params={{ _splat: asset }} className="text-accent hover:underline">
          {asset}
          {partition === null ? '' : ` ${partition}`}
        </Link>
      )}
      {asset !== null && run !== null ? ' in ' : ''}
      {run === null ? null : <RunLink run={run} step={step} isRow />}
    </>
  )
}

interface TypedProps {
  readonly label: string
  readonly value: string
  readonly put: (value: string | undefined) => void
}

/** A filter that is typed as a whole: it counts with Enter, or when the field is left. */
function Typed({ label, value, put }: TypedProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const take = (): void => {
    const text = typed.trim()
    if (text !== value) put(text === '' ? undefined : text)
  }
  return (
    <form
      className="max-sm:flex-1"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault()
        take()
      }}
    >
      <input
        type="search"
        aria-label={label}
        placeholder={label === 'Run' ? 'Run: its whole id' : label}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={take}
        className="field w-full sm:w-44"
      />
    </form>
  )
}
