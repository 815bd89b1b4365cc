import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, RotateCw } from 'lucide-react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { StateIcon } from '../elements/state.tsx'
import { Ago } from '../elements/time.tsx'
import type { Failures } from '../errors/fingerprint.ts'
import { framesOf } from '../errors/frames.ts'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { firstLine, runTitle } from '../runs/words.ts'

interface FailureListProps {
  readonly groups: readonly Failures[]
  readonly isRead: boolean
  readonly isMore: boolean
}

/** What failed, one row for one cause. */
export function FailureList({ groups, isRead, isMore }: FailureListProps) {
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0)
  return (
    <Panel title="Failures" flush aside={`${isMore ? 'the newest ' : ''}${countOf(runs, 'run')} of 7 days, by cause`}>
      {isRead && groups.length === 0 ? (
        <p className="flex items-center gap-2 px-3 py-4 text-good">
          <CircleCheck size={16} aria-hidden /> Nothing failed in the last 7 days.
        </p>
      ) : null}
      <ul>
        {groups.map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </ul>
    </Panel>
  )
}

function Group({ group: { error, runs, owners } }: { readonly group: Failures }) {
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
            <Link to="/runs/$run" params={{ run: newest!.id }} data-row className="text-accent hover:underline">
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
          </p>
        </div>
        <Button
          disabled={retry.isPending || retry.isSuccess}
          icon={<RotateCw size={14} aria-hidden />}
          aria-label={`Retry ${names.slice(0, 3).join(', ')}`}
          onClick={() => retry.mutate()}
        >
          {retry.isSuccess ? 'Retried' : 'Retry'}
        </Button>
      </div>
      {retry.error ? <Problem error={retry.error} /> : null}
    </li>
  )
}
