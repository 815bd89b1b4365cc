import type { ScheduleSpec } from '@sluice/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { FlaskConical, Pencil } from 'lucide-react'
import { Button, buttonClass } from '../elements/button.tsx'
import { ListTable } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { duration, minuteTime, zonesBeside } from '../elements/time-text.ts'
import { Ago, ScheduleZone, Time, useZone } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { RunLinks } from '../runs/run-link.tsx'
import { tagTexts } from '../runs/words.ts'
import { encodedText, valueText } from '../values/value-text.ts'
import { ValueText } from '../values/value-view.tsx'
import { targetsText, whenText, zoneOfSchedule } from './automations-page.tsx'
import { PauseButton } from './pause-button.tsx'
import { RemoveButton } from './remove-button.tsx'
import { type Automation, automationsQuery, previewQuery, ticksQuery } from './queries.ts'
import { tickText } from './words.ts'

const route = getRouteApi('/automations/$location/$kind/$name')

/** One schedule or sensor: when next, what it decided and why. */
export function AutomationPage() {
  const { location, kind, name } = route.useParams()
  usePageTitle(name)
  const { data, error, refetch } = useQuery(automationsQuery)
  const one = data?.find((each) => each.location === location && each.kind === kind && each.name === name)
  if (one)
    return (
      <ScheduleZone value={zoneOfSchedule(one)}>
        <Found key={`${location} ${kind} ${name}`} one={one} />
      </ScheduleZone>
    )
  if (data) return <Empty title={`There is no ${kind} called ${name} in ${location}.`} />
  return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what={`the ${kind}`} />
}

function Found({ one }: { readonly one: Automation }) {
  const { location, kind, name, paused, overridden } = one
  const zone = useZone()
  const { data, error, refetch } = useQuery(ticksQuery({ location, kind, name }))
  const test = useMutation({
    mutationFn: async () =>
      kind === 'schedule'
        ? await client.schedules.test({ location, name, body: {} })
        : await client.sensors.test({ location, name, body: {} }),
  })
  return (
    <>
      <PageHeader
        title={
          <>
            {name} <span className="text-sm font-normal text-muted">{kind}</span>
          </>
        }
      >
        <Button icon={<FlaskConical size={14} aria-hidden />} disabled={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? 'Asking the code…' : 'Test now'}
        </Button>
        <PauseButton one={one} />
        {one.kind === 'schedule' && one.origin === 'api' ? (
          <>
            <Link
              to="/automations/$location/schedule/$name/change"
              params={{ location, name }}
              className={buttonClass()}
            >
              <Pencil size={14} aria-hidden /> Change
            </Link>
            <RemoveButton location={location} name={name} />
          </>
        ) : null}
      </PageHeader>
      <div className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,1fr)_440px]">
        <div className="flex min-w-0 flex-col gap-3">
          {test.error ? <Problem error={test.error} /> : null}
          {test.data ? (
            <Panel title="What it would do now" aside="nothing was launched or stored">
              <ValueText label="What it would do" text={valueText(test.data)} />
            </Panel>
          ) : null}
          <Panel title={kind === 'schedule' ? 'Ticks' : 'Looks'} flush aside={`the last 100, times of ${zone}`}>
            {error ? <Problem error={error} retry={() => void refetch()} /> : null}
            {data?.ticks.length === 0 ? <p className="p-3 text-muted">It has decided nothing yet.</p> : null}
            {data && data.ticks.length > 0 ? (
              <ListTable
                label="Ticks"
                rows={data.ticks}
                keyOf={({ id }) => String(id)}
                columns={[
                  { head: 'Outcome', cell: ({ outcome }) => <State state={outcome} /> },
                  { head: 'For', cell: ({ scheduledFor }) => <Time at={scheduledFor} /> },
                  {
                    head: 'Why',
                    cell: (tick) => <span title={tickText(tick)}>{tickText(tick)}</span>,
                    className: 'w-full max-w-0 text-muted',
                  },
                  {
                    head: 'Runs',
                    cell: ({ runs }) => <RunLinks runs={runs} most={3} isRow />,
                  },
                ]}
              />
            ) : null}
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          {one.kind === 'schedule' ? <Next one={one} spec={one.spec} /> : null}
          <Panel title="Definition">
            <Facts
              facts={[
                [
                  'When',
                  <code key="it" className="font-mono text-xs">
                    {whenText(one)}
                  </code>,
                ],
                ['About', one.kind === 'schedule' ? one.spec.description : null],
                ['Launches', targetsText(one)],
                ['Location', location],
                ['Made by', one.kind === 'schedule' && one.origin === 'api' ? 'a person, at run time' : 'the code'],
                ['State', `${paused ? 'paused' : 'goes on'}${overridden ? ', as a person said' : ''}`],
                ['Missed ticks', one.kind === 'schedule' ? catchUpText(one.spec) : null],
                [
                  'Spread',
                  one.kind === 'schedule' && one.spec.jitter > 0 ? `up to ${duration(one.spec.jitter)}` : null,
                ],
                ['Tags', one.kind === 'schedule' ? tagTexts(one.spec.tags).join(', ') : null],
                ['Failures', one.kind === 'sensor' && one.failures > 0 ? `${one.failures} in a row` : null],
              ]}
            />
            {one.kind === 'schedule' && one.spec.params !== null ? (
              <div className="mt-3">
                <ValueText label="Params" text={encodedText(one.spec.params)} />
              </div>
            ) : null}
            {one.kind === 'sensor' && one.cursor !== null ? (
              <div className="mt-3">
                <p className="mb-1 text-muted">Cursor</p>
                <ValueText label="Cursor" text={encodedText(one.cursor)} />
              </div>
            ) : null}
          </Panel>
        </div>
      </div>
    </>
  )
}

const catchUpText = ({ catchUp }: ScheduleSpec): string =>
  typeof catchUp === 'object' ? `the last ${catchUp.all}` : catchUp

/** The next ticks in two zones: the schedule's own, and the reader's. */
function Next({ one, spec }: { readonly one: Automation; readonly spec: ScheduleSpec }) {
  const own = spec.timetable.timeZone
  const zones = zonesBeside(own, useZone())
  const { data, error } = useQuery(previewQuery(one.location, one.name, own))
  return (
    <Panel title="Next ticks" flush aside={one.paused ? 'if it were not paused' : undefined}>
      {error ? <Problem error={error} /> : null}
      {data ? (
        <ListTable
          label="Next ticks"
          rows={data.ticks}
          keyOf={({ at }) => String(at)}
          columns={[
            ...zones.map((zone) => ({ head: zone, cell: ({ at }: { at: number }) => minuteTime(at, zone) })),
            {
              head: '',
              cell: ({ at, daylight }) => (
                <span className="text-muted">
                  {daylight === null ? <Ago at={at} /> : `daylight saving: ${daylight}`}
                </span>
              ),
            },
          ]}
        />
      ) : null}
    </Panel>
  )
}
