import { type Failures, framesOf } from '@sluice/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Eye, EyeOff, RotateCw } from 'lucide-react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { StateIcon } from '../elements/state.tsx'
import { Ago } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { useSettings } from '../frame/settings.ts'
import { firstLine, runTitle } from '../runs/words.ts'
import { acknowledgedQuery } from './queries.ts'

interface FailureListProps {
  readonly groups: readonly Failures[]
  readonly isRead: boolean
  readonly isMore: boolean
}

/** What failed, one row for one cause. */
export function FailureList({ groups, isRead, isMore }: FailureListProps) {
  const { data: known = none, error } = useQuery(acknowledgedQuery)
  const old = groups.filter(({ key }) => known.has(key))
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0)
  return (
    <Panel
      title="Failures"
      flush
      aside={isRead ? `${isMore ? 'the newest ' : ''}${countOf(runs, 'run')} of 7 days, by cause` : undefined}
    >
      {isRead && groups.length === 0 ? (
        <p className="flex items-center gap-2 px-3 py-4 text-good">
          <CircleCheck size={16} aria-hidden /> Nothing failed in the last 7 days.
        </p>
      ) : null}
      {error ? <Problem error={error} /> : null}
      <ul>
        {groups
          .filter(({ key }) => !known.has(key))
          .map((group) => (
            <Group key={group.key} group={group} known={undefined} />
          ))}
      </ul>
      {old.length > 0 ? (
        <details className="border-t border-line/60">
          <summary className="px-3 py-2 text-muted hover:text-text">
            {countOf(old.length, 'cause that somebody knows of', 'causes that somebody knows of')}
          </summary>
          <ul>
            {old.map((group) => (
              <Group key={group.key} group={group} known={known.get(group.key)} />
            ))}
          </ul>
        </details>
      ) : null}
    </Panel>
  )
}

const none: ReadonlyMap<string, { readonly by: string; readonly at: number }> = new Map()

interface GroupProps {
  readonly group: Failures
  /** Who knows of it. */
  readonly known: { readonly by: string; readonly at: number } | undefined
}

function Group({ group: { key, error, runs, owners }, known }: GroupProps) {
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
  const retry = useMutation({
    async mutationFn() {
      // One of each: several runs of the same would do the same again.
      const each = names.map((name) => runs.find((run) => runTitle(run) === name && run.terms !== null))
      for (const run of each) if (run) await client.runs.retry({ run: run.id, body: { from: 'failure' } })
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
          {own ? <p className="truncate font-mono text-xs text-muted">at {own.text}</p> : null}
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
            {known ? (
              <span>
                {known.by} knows of it since <Ago at={known.at} />
              </span>
            ) : null}
          </p>
        </div>
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
        <Button
          disabled={retry.isPending || retry.isSuccess}
          icon={<RotateCw size={14} aria-hidden />}
          aria-label={`Retry ${names.slice(0, 3).join(', ')}`}
          onClick={() => retry.mutate()}
        >
          {retry.isSuccess ? 'Retried' : 'Retry'}
        </Button>
      </div>
      {retry.error || acknowledge.error ? <Problem error={retry.error ?? acknowledge.error} /> : null}
    </li>
  )
}
