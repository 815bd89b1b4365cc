import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarClock, Plus, Radar } from 'lucide-react'
import { buttonClass } from '../elements/button.tsx'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Ago, ScheduleZone, Time } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { ConditionsTable } from './conditions-table.tsx'
import { PauseButton } from './pause-button.tsx'
import { type Automation, automationsQuery } from './queries.ts'
import { sensorText, tickText, timetableText } from './words.ts'

/** What starts runs by itself: schedules and sensors, with what they decided last. */
export function AutomationsPage() {
  usePageTitle('Automations')
  const { data, error, refetch } = useQuery(automationsQuery)
  return (
    <>
      <PageHeader title="Automations">
        <Link to="/automations/new" className={buttonClass()}>
          <Plus size={14} aria-hidden /> New schedule
        </Link>
      </PageHeader>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="schedules and sensors" /> : null}
      {data?.length === 0 ? (
        <Empty
          title="Nothing starts runs by itself."
          commands={[
            `sluice schedules set nightly --cron '0 2 * * *' --target NAME`,
            `export const nightly = schedule('nightly', { cron: '0 2 * * *', target: NAME })`,
          ]}
        >
          A schedule starts runs by the clock, a sensor when your code says so. Make one at run time, or in the code:
        </Empty>
      ) : null}
      {data && data.length > 0 ? (
        <div className="bg-surface">
          <ListTable
            label="Schedules and sensors"
            rows={data}
            keyOf={({ location, kind, name }) => `${location} ${kind} ${name}`}
            columns={[
              { head: 'Name', cell: nameCell },
              { head: 'When', cell: whenText, className: 'font-mono text-xs hidden md:table-cell' },
              { head: 'Launches', cell: targetsText, className: 'hidden md:table-cell' },
              { head: 'Next', cell: nextCell },
              { head: 'Last', cell: lastCell, className: 'hidden md:table-cell' },
              {
                head: 'Why',
                cell: ({ last }) => (last ? tickText(last) : ''),
                className: 'text-muted hidden lg:table-cell',
              },
              { head: '', cell: (one) => <PauseButton one={one} />, className: 'text-right' },
            ]}
          />
        </div>
      ) : null}
      <ConditionsTable />
    </>
  )
}

function nameCell({ location, kind, name }: Automation) {
  const Icon = kind === 'schedule' ? CalendarClock : Radar
  return (
    <span className="flex items-center gap-2">
      <Icon size={14} aria-hidden className="shrink-0 text-muted" />
      <span className="sr-only">{kind}</span>
      <Link
        to="/automations/$location/$kind/$name"
        params={{ location, kind, name }}
        data-row
        className={`${rowLink} truncate`}
      >
        {name}
      </Link>
    </span>
  )
}

export const whenText = (one: Automation): string =>
  one.kind === 'schedule' ? timetableText(one.spec.timetable) : sensorText(one.spec)
export const targetsText = (one: Automation): string =>
  one.kind === 'schedule' ? one.spec.target : one.spec.targets.join(', ')

/** `null`: of a sensor, which has none. */
export const zoneOfSchedule = (one: Automation): string | null =>
  one.kind === 'schedule' ? one.spec.timetable.timeZone : null

function nextCell(one: Automation) {
  const { paused, next } = one
  if (paused) return <State state="paused" />
  if (next === null) return <span className="text-muted">never</span>
  return (
    <span>
      <Ago at={next} />{' '}
      <span className="hidden text-muted xl:inline">
        <ScheduleZone value={zoneOfSchedule(one)}>
          <Time at={next} />
        </ScheduleZone>
      </span>
    </span>
  )
}

function lastCell({ last }: Automation) {
  if (last === null) return <span className="text-muted">not yet</span>
  return (
    <span className="flex items-center gap-2">
      <State state={last.outcome} />
      <span className="text-muted">
        <Ago at={last.decidedAt} />
      </span>
    </span>
  )
}
