import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CalendarClock } from 'lucide-react'
import { type ReactNode, type SubmitEvent, useId, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { zoneOf } from '../elements/time-text.ts'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { type Draft, newDraft, timedOf, timings } from './timed.ts'

interface ScheduleFormProps {
  readonly locations: readonly string[]
  readonly targetsOf: (location: string) => readonly string[]
  readonly isTaken: (location: string, name: string) => boolean
  /** One that is there and is changed; its name and location stay. */
  readonly before?: {
    readonly location: string
    readonly draft: Draft
    /** A person said whether it is paused, which counts over this. */
    readonly overridden: boolean
  }
}

/** The server has the last word on each field: what it refuses it says with what to do. */
export function ScheduleForm({ locations, targetsOf, isTaken, before }: ScheduleFormProps) {
  const navigate = useNavigate()
  const [location, setLocation] = useState(before?.location ?? locations[0] ?? '')
  const [draft, setDraft] = useState<Draft>(() => before?.draft ?? newDraft(zoneOf('local')))
  const [problem, setProblem] = useState('')
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change })
  const name = draft.name.trim()
  const make = useMutation({
    mutationFn: async (body: Parameters<typeof client.schedules.put>[0]['body']) =>
      await client.schedules.put({ location, name, body }),
    async onSuccess({ warnings }) {
      await queries.invalidateQueries({ queryKey: ['automations'] })
      if (warnings.length === 0)
        await navigate({ to: '/automations/$location/$kind/$name', params: { location, kind: 'schedule', name } })
    },
  })
  const taken = before !== undefined || isTaken(location, name)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const { body, problem: wrong } = timedOf(draft)
    setProblem(wrong)
    if (wrong === '') make.mutate(body)
  }
  const [targets, zones] = [useId(), useId()]
  const { example, says } = timings[draft.timing]
  return (
    <form aria-label="Schedule" onSubmit={submit} className="flex flex-col gap-3">
      {before ? null : (
        <Labelled word="Name" says={taken ? 'There is one of this name: what you fill in takes its place.' : ''}>
          <input required value={draft.name} onChange={({ target }) => put({ name: target.value })} className="field" />
        </Labelled>
      )}
      {locations.length > 1 && !before ? (
        <Labelled word="Location">
          <select value={location} onChange={({ target }) => setLocation(target.value)} className="field">
            {locations.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </Labelled>
      ) : null}
      <Labelled word="Launches" says="A job, a flow, a task, an asset or a selection of assets.">
        <input
          required
          list={targets}
          value={draft.target}
          onChange={({ target }) => put({ target: target.value })}
          className="field"
        />
      </Labelled>
      <datalist id={targets}>
        {targetsOf(location).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <div className="grid gap-3 sm:grid-cols-[140px_1fr]">
        <Labelled word="By">
          <select
            value={draft.timing}
            onChange={({ target }) => put({ timing: target.value as Draft['timing'] })}
            className="field"
          >
            {Object.entries(timings).map(([timing, { word }]) => (
              <option key={timing} value={timing}>
                {word}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled word="When" says={says}>
          {draft.timing === 'rrule' ? (
            <textarea
              required
              rows={2}
              spellCheck={false}
              value={draft.when}
              placeholder={example}
              onChange={({ target }) => put({ when: target.value })}
              className="field h-auto py-1.5 font-mono text-xs"
            />
          ) : (
            <input
              required
              value={draft.when}
              placeholder={example}
              onChange={({ target }) => put({ when: target.value })}
              className="field font-mono text-xs"
            />
          )}
        </Labelled>
      </div>
      {draft.timing === 'every' ? (
        <Labelled word="Counted from" says="A local time there, or an instant: 2026-01-01T06:00Z. Empty for midnight.">
          <input
            value={draft.anchor}
            onChange={({ target }) => put({ anchor: target.value })}
            className="field font-mono text-xs"
          />
        </Labelled>
      ) : null}
      <Labelled word="Time zone">
        <input
          required
          list={zones}
          value={draft.timeZone}
          onChange={({ target }) => put({ timeZone: target.value })}
          className="field"
        />
      </Labelled>
      <datalist id={zones}>
        {['UTC', ...Intl.supportedValuesOf('timeZone')].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Labelled word="Params" says="As JSON; empty for none. A partitioned job makes its own.">
        <textarea
          rows={3}
          spellCheck={false}
          value={draft.params}
          onChange={({ target }) => put({ params: target.value })}
          className="field h-auto py-1.5 font-mono text-xs"
        />
      </Labelled>
      <div className="grid gap-3 sm:grid-cols-[1fr_140px]">
        <Labelled word="Ticks that nobody was there for">
          <select
            value={draft.catchUp}
            onChange={({ target }) => put({ catchUp: target.value as Draft['catchUp'] })}
            className="field"
          >
            <option value="latest">launch the latest</option>
            <option value="none">launch none</option>
            <option value="all">launch all</option>
            <option value="newest">launch the newest of them</option>
          </select>
        </Labelled>
        {draft.catchUp === 'newest' ? (
          <Labelled word="How many">
            <input
              required
              type="number"
              min={1}
              value={draft.newest}
              onChange={({ target }) => put({ newest: target.value })}
              className="field"
            />
          </Labelled>
        ) : null}
      </div>
      <Labelled word="Spread" says="Each run starts up to so much later: 30s, 5m. Empty for none.">
        <input
          value={draft.jitter}
          onChange={({ target }) => put({ jitter: target.value })}
          className="field font-mono text-xs"
        />
      </Labelled>
      <Labelled word="Tags" says="Of its runs: team=data, one a line.">
        <textarea
          rows={2}
          spellCheck={false}
          value={draft.tags}
          onChange={({ target }) => put({ tags: target.value })}
          className="field h-auto py-1.5 font-mono text-xs"
        />
      </Labelled>
      <Labelled word="Description">
        <input
          maxLength={2000}
          value={draft.description}
          onChange={({ target }) => put({ description: target.value })}
          className="field"
        />
      </Labelled>
      {before?.overridden ? null : (
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={draft.paused} onChange={({ target }) => put({ paused: target.checked })} />
          {before ? 'Paused' : 'Paused at first'}
        </label>
      )}
      {problem === '' ? null : (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
      {make.error ? <Problem error={make.error} /> : null}
      {make.data && make.data.warnings.length > 0 ? (
        <div role="status" className="border-l-3 border-warn px-3">
          {make.data.warnings.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <Link
            to="/automations/$location/$kind/$name"
            params={{ location, kind: 'schedule', name: make.data.schedule.name }}
            className="text-accent hover:underline"
          >
            It is {before ? 'changed' : 'made'}: look at its next ticks
          </Link>
        </div>
      ) : null}
      <div>
        <Button look="main" type="submit" disabled={make.isPending} icon={<CalendarClock size={14} aria-hidden />}>
          {taken ? 'Change the schedule' : 'Make the schedule'}
        </Button>
      </div>
    </form>
  )
}

interface LabelledProps {
  readonly word: string
  readonly says?: string
  readonly children: ReactNode
}

const Labelled = ({ word, says = '', children }: LabelledProps) => (
  <label className="flex flex-col gap-0.5">
    <span className="font-medium">{word}</span>
    {children}
    {says === '' ? null : <span className="text-xs text-muted">{says}</span>}
  </label>
)
