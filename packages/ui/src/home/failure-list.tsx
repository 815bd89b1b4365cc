import { type Failures, framesOf, newestOfEach, shortFrame } from '@sluice/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Eye, EyeOff, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { StateIcon } from '../elements/state.tsx'
import { Ago } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { useSettings } from '../frame/settings.ts'
import { mendedQuery } from '../runs/queries.ts'
import { RunLink } from '../runs/run-link.tsx'
import { firstLine, runTitle } from '../runs/words.ts'
import { acknowledgedQuery } from './queries.ts'

interface FailureListProps {
  readonly groups: readonly Failures[]
  readonly isRead: boolean
  readonly isMore: boolean
}

/** Of so many runs is asked whether a later one has made them good. */
const mostAsked = 50

/** What failed, one row for one cause: what somebody knows of, and what has succeeded since, below. */
export function FailureList({ groups, isRead, isMore }: FailureListProps) {
  const { data: known = none, error } = useQuery(acknowledgedQuery)
  const asked = groups.flatMap(newestOfEach).slice(0, mostAsked)
  const { data: mended = nothing } = useQuery(mendedQuery(asked.map(({ id }) => id)))
  const isMended = (group: Failures): boolean => isAllOf(group, mended)
  const isKnown = ({ key }: Failures): boolean => known.has(key)
  const open = groups.filter((group) => !isKnown(group) && !isMended(group))
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0)
  const rowsOf = (those: readonly Failures[]) =>
    those.map((group) => <Group key={group.key} group={group} known={known.get(group.key)} mended={mended} />)
  return (
    <Panel
      title="Failures"
      flush
      aside={isRead ? `${isMore ? 'the newest ' : ''}${countOf(runs, 'run')} of 7 days, by cause` : undefined}
    >
      {isRead && open.length === 0 ? (
        <p className="flex items-center gap-2 px-3 py-4 text-good">
          <CircleCheck size={16} aria-hidden />
          {groups.length === 0
            ? 'Nothing failed in the last 7 days.'
            : 'Nothing new: what failed is known of, or has succeeded since.'}
        </p>
      ) : null}
      {error ? <Problem error={error} /> : null}
      <ul>{rowsOf(open)}</ul>
      <Folded count="cause that somebody knows of" counts="causes that somebody knows of">
        {rowsOf(groups.filter((group) => isKnown(group) && !isMended(group)))}
      </Folded>
      <Folded count="cause that has succeeded since" counts="causes that have succeeded since">
        {rowsOf(groups.filter(isMended))}
      </Folded>
    </Panel>
  )
}

const isAllOf = (group: Failures, mended: ReadonlyMap<string, string>): boolean =>
  newestOfEach(group).every(({ id }) => mended.has(id))

const none: ReadonlyMap<string, { readonly by: string; readonly at: number }> = new Map()
const nothing: ReadonlyMap<string, string> = new Map()

interface FoldedProps {
  readonly count: string
  readonly counts: string
  readonly children: readonly ReactNode[]
}

/** Rows that ask for nothing: how many there are is said. */
function Folded({ count, counts, children }: FoldedProps) {
  if (children.length === 0) return null
  return (
    <details className="border-t border-line/60">
      <summary className="px-3 py-2 text-muted hover:text-text">{countOf(children.length, count, counts)}</summary>
      <ul>{children}</ul>
    </details>
  )
}

interface GroupProps {
  readonly group: Failures
  /** Who knows of it. */
  readonly known: { readonly by: string; readonly at: number } | undefined
  /** Which later run made which of its runs good. */
  readonly mended: ReadonlyMap<string, string>
}

function Group({ group, known, mended }: GroupProps) {
  const { key, error, runs, owners } = group
  const { me } = useSettings()
  const acknowledge = useMutation({
    mutationFn: async () =>
      await client.failures.acknowledge({ body: { failure: key, by: known ? null : me || 'somebody' } }),
    onSuccess: async () => await queries.invalidateQueries({ queryKey: acknowledgedQuery.queryKey }),
  })
  const [newest] = runs
  const oldest = runs.at(-1)!
  const names = [...new Set(runs.map(runTitle))]
  const own = framesOf(error).find((frame) => frame.own)
  const isMended = isAllOf(group, mended)
  // What has succeeded since is not broken any more; what a process executed by itself only that one can do again.
  const broken = newestOfEach(group).filter(({ id, terms }) => terms !== null && !mended.has(id))
  const word = broken.length > 1 ? `Retry ${broken.length}` : 'Retry'
  const retry = useMutation({
    async mutationFn() {
      const made: string[] = []
      for (const { id } of broken) made.push((await client.runs.retry({ run: id, body: { from: 'failure' } })).run.id)
      return made
    },
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['runs'] }),
  })
  return (
    <li className="border-b border-line/60 px-3 py-2 last:border-0">
      <div className="flex items-start gap-2.5">
        <span className="mt-0.5">
          <StateIcon state={newest!.state} size={16} />
        </span>
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium text-bad" title={error.message}>
            <span className="sr-only">{newest!.state}: </span>
            {firstLine(error.message)}
          </p>
          {own ? (
            <p className="truncate font-mono text-xs text-muted" title={own.text}>
              at {shortFrame(own.text)}
            </p>
          ) : null}
          <p className="flex flex-wrap gap-x-3 text-muted">
            <Link
              to="/runs/$run"
              params={{ run: newest!.id }}
              data-row
              className="max-w-full truncate text-accent hover:underline"
            >
              {names.slice(0, 3).join(', ')}
              {names.length > 3 ? ` and ${names.length - 3} more` : ''}
            </Link>
            <span>{countOf(runs.length, 'run')}</span>
            <span>
              <Ago at={newest!.createdAt} />
              {runs.length > 1 ? (
                <>
                  , since <Ago at={oldest.createdAt} />
                </>
              ) : null}
            </span>
            <span>{owners.join(', ') || 'nobody’s'}</span>
            <Runs word="retried:" runs={retry.data ?? []} />
            <Runs word="succeeded since:" runs={newestOfEach(group).flatMap(({ id }) => mended.get(id) ?? [])} />
            {known ? (
              <span>
                {known.by} knows of it since <Ago at={known.at} />
              </span>
            ) : null}
          </p>
        </div>
        {isMended ? null : (
          <Button
            look="quiet"
            disabled={acknowledge.isPending}
            icon={known ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
            aria-label={`${known ? 'Show again' : 'I know of it'}: ${firstLine(error.message)}`}
            title={known ? 'Show it among the others again' : 'Put it below, for everybody, with your name'}
            onClick={() => acknowledge.mutate()}
          >
            <span className="hidden md:inline">{known ? 'Show again' : 'I know'}</span>
          </Button>
        )}
        {broken.length === 0 ? null : (
          <Button
            disabled={retry.isPending || retry.isSuccess}
            icon={<RotateCw size={14} aria-hidden />}
            aria-label={`${retry.isSuccess ? 'Retried' : word}: ${names.slice(0, 3).join(', ')}`}
            onClick={() => retry.mutate()}
          >
            {retry.isSuccess ? 'Retried' : word}
          </Button>
        )}
      </div>
      {retry.error || acknowledge.error ? <Problem error={retry.error ?? acknowledge.error} /> : null}
    </li>
  )
}

function Runs({ word, runs }: { readonly word: string; readonly runs: readonly string[] }) {
  if (runs.length === 0) return null
  return (
    <span className="flex items-baseline gap-x-2">
      {word}
      {[...new Set(runs)].slice(0, 3).map((run) => (
        <RunLink key={run} run={run} />
      ))}
    </span>
  )
}
