import { type Run, type Step, reasonOf } from '@sluice/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CircleCheck, Hourglass } from 'lucide-react'
import { useState } from 'react'
import { Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { State, states } from '../elements/state.tsx'
import { Ago, Lasted } from '../elements/time.tsx'
import { ErrorCard } from '../errors/error-card.tsx'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { useKeys } from '../frame/shortcuts.ts'
import { LogView } from '../logs/log-view.tsx'
import { retriesQuery, useSteps } from '../steps/queries.ts'
import { Answer } from './answer.tsx'
import { mendedQuery, runQuery } from './queries.ts'
import { ChangedPanel } from './changed-panel.tsx'
import { RunActions } from './run-actions.tsx'
import { RunDetails } from './run-details.tsx'
import { RunLink } from './run-link.tsx'
import { type RunSearch, given } from './search.ts'
import { StepsPanel } from './steps-panel.tsx'
import { isActive, runTitle } from './words.ts'

const route = getRouteApi('/runs/$run')
const none: readonly never[] = []

const whyQuery = (run: string) =>
  queryOptions({ queryKey: ['run', run, 'why'], queryFn: ({ signal }) => client.runs.why({ run }, { signal }) })

/** One run: what broke it, what it did and when, what it wrote, and what can be done. */
export function RunPage() {
  const { run: id } = route.useParams()
  const { data, error, refetch } = useQuery(runQuery(id))
  if (data) return <Loaded key={data.run.id} run={data.run} error={error} retry={() => void refetch()} />
  return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the run" />
}

interface LoadedProps {
  readonly run: Run
  readonly error: unknown
  readonly retry: () => void
}

function Loaded({ run, error, retry }: LoadedProps) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const active = isActive(run.state)
  const { data: steps = none, error: noSteps, isPending } = useSteps(run.id, active)
  const { data: retries = none } = useQuery(retriesQuery(run.id, active))
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set())
  const turn = (one: number): void =>
    setMarked((before) =>
      before.has(one) ? new Set([...before].filter((it) => it !== one)) : new Set([...before, one]),
    )
  // What runs again is chosen when it is over.
  const mayMark = !active && run.terms !== null
  usePageTitle(`${states[run.state].word}: ${runTitle(run)}`)
  const change = (part: { [K in keyof RunSearch]?: RunSearch[K] | undefined }): void =>
    void navigate({ to: '/runs/$run', params: { run: run.id }, search: given({ ...search, ...part }), replace: true })
  useKeys({
    x() {
      const { step: focused } = (document.activeElement as HTMLElement | null)?.dataset ?? {}
      if (focused !== undefined && mayMark) turn(Number(focused))
    },
    Escape() {
      setMarked(new Set())
      change({ step: undefined, line: undefined })
    },
  })
  const step = steps.find((one) => one.step === search.step)
  return (
    <>
      <PageHeader
        title={
          <span className="flex min-w-0 items-center gap-3">
            <span className="truncate">{runTitle(run)}</span>
            <span className="text-sm font-normal">
              <State state={run.state} />
            </span>
            <span className="hidden text-sm font-normal text-muted lg:inline">
              <Ago at={run.createdAt} />
              {run.startedAt === null ? null : (
                <>
                  , {active ? 'for' : 'took'} <Lasted from={run.startedAt} to={run.endedAt} />
                </>
              )}
            </span>
          </span>
        }
      >
        <RunActions run={run} steps={marked.size > 0 ? [...marked] : search.step ? [search.step] : []} />
      </PageHeader>
      <p role="status" className="sr-only">
        {active ? '' : `The run has ${states[run.state].word}.`}
      </p>
      <div className="flex flex-col gap-3 p-3">
        {error ? <Problem error={error} retry={retry} /> : null}
        <Errors run={run} steps={steps} chosen={step} choose={(one) => change({ step: one })} />
        {run.state === 'failed' || run.state === 'crashed' ? <Mended run={run} /> : null}
        {run.state === 'waiting' ? <Waits run={run} /> : null}
        <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,1fr)_340px]">
          <div className="flex min-w-0 flex-col gap-3">
            <StepsPanel
              run={run}
              steps={steps}
              isRead={!isPending}
              retries={retries}
              error={noSteps}
              search={search}
              change={change}
              marked={marked}
              mark={mayMark ? turn : null}
            />
            <LogView
              key={search.step}
              run={run.id}
              step={search.step}
              isActive={active}
              find={search.find ?? ''}
              line={search.line}
              change={change}
            />
          </div>
          <div className="flex min-w-0 flex-col gap-3">
            {run.state === 'failed' || run.state === 'crashed' ? <ChangedPanel run={run} /> : null}
            <RunDetails run={run} step={step} />
          </div>
        </div>
      </div>
    </>
  )
}

interface ErrorsProps {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly chosen: Step | undefined
  readonly choose: (step: number) => void
}

/** The error of the run, or of the step that is looked at; and which other steps failed. */
function Errors({ run, steps, chosen, choose }: ErrorsProps) {
  const failed = steps.filter(({ state, error }) => state === 'failed' && error !== null)
  const shown = chosen?.error ?? (run.error && reasonOf(run.error))
  if (!shown) return null
  const where = chosen?.error ? chosen : failed.findLast(({ error }) => error!.message === shown.message)
  const others = failed.filter((one) => one !== where && one.error!.message !== shown.message)
  return (
    <>
      <ErrorCard error={shown} {...(where && { where: <StepButton step={where} choose={choose} /> })} />
      {others.length > 0 ? (
        <p className="text-muted">
          Also failed:{' '}
          {others.slice(0, 10).map((one) => (
            <StepButton key={one.step} step={one} choose={choose} />
          ))}
          {others.length > 10 ? ` and ${others.length - 10} more` : ''}
        </p>
      ) : null}
    </>
  )
}

const StepButton = ({ step, choose }: { readonly step: Step; readonly choose: (step: number) => void }) => (
  <button type="button" onClick={() => choose(step.step)} className="mr-2 underline hover:text-text">
    {step.name}
    {step.key === null ? '' : ` ${step.key}`}
  </button>
)

/** Has it succeeded since, as another run? */
function Mended({ run }: { readonly run: Run }) {
  const { data } = useQuery(mendedQuery([run.id]))
  const by = data?.get(run.id)
  if (by === undefined) return null
  return (
    <p className="flex items-center gap-2">
      <CircleCheck size={16} aria-hidden className="shrink-0 text-good" /> The same has succeeded since:{' '}
      <RunLink run={by} />
    </p>
  )
}

/** Why it does not go on, from what was recorded when that was decided. */
function Waits({ run }: { readonly run: Run }) {
  const { data } = useQuery(whyQuery(run.id))
  if (!data) return null
  return (
    <section
      aria-label="Why it waits"
      className="rounded-lg border border-l-4 border-line border-l-wait bg-surface px-3 py-2"
    >
      <p className="flex items-center gap-2">
        <Hourglass size={16} aria-hidden className="shrink-0 text-wait" /> {data.says}
        {data.ahead ? <span className="text-muted">{data.ahead} come first.</span> : null}
      </p>
      {data.notes.map((note) => (
        <p key={note} className="text-muted">
          {note}
        </p>
      ))}
      {data.steps.map((one) => (
        <p key={one.step} className="text-muted">
          {one.name}: {one.says}
        </p>
      ))}
      <Answer run={run} />
    </section>
  )
}
