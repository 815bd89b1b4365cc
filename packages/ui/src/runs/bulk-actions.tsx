import type { Run } from '@sluice/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ban, GitCompare, RotateCw, X } from 'lucide-react'
import { Button, buttonClass } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { isActive } from './words.ts'

interface BulkActionsProps {
  readonly chosen: readonly Run[]
  readonly clear: () => void
}

/** What can be done to all runs that are chosen: each is done for those whose state allows it. */
export function BulkActions({ chosen, clear }: BulkActionsProps) {
  const served = chosen.filter(({ terms }) => terms !== null)
  const active = served.filter(({ state }) => isActive(state))
  const broke = served.filter(({ state }) => state === 'failed' || state === 'crashed' || state === 'canceled')
  const act = useMutation({
    async mutationFn(does: 'retry' | 'cancel') {
      // One after another: what is refused says so, and what was done before it stays.
      for (const { id: run } of does === 'retry' ? broke : active) {
        if (does === 'retry') await client.runs.retry({ run, body: { from: 'failure' } })
        else await client.runs.cancel({ run })
      }
    },
    onSuccess: clear,
    onSettled: async () => await queries.invalidateQueries({ queryKey: ['runs'] }),
  })
  return (
    <div
      role="region"
      aria-label="Chosen runs"
      className="flex flex-wrap items-center gap-2 border-b border-line bg-chosen px-4 py-1.5"
    >
      <span role="status" className="font-medium">
        {countOf(chosen.length, 'run')} chosen
      </span>
      {broke.length > 0 ? (
        <Button disabled={act.isPending} icon={<RotateCw size={14} aria-hidden />} onClick={() => act.mutate('retry')}>
          Retry {broke.length} from failure
        </Button>
      ) : null}
      {active.length > 0 ? (
        <Button
          look="danger"
          disabled={act.isPending}
          icon={<Ban size={14} aria-hidden />}
          onClick={() => act.mutate('cancel')}
        >
          Cancel {active.length}
        </Button>
      ) : null}
      {chosen.length === 2 ? (
        <Link to="/runs/compare" search={{ a: chosen[1]!.id, b: chosen[0]!.id }} className={buttonClass()}>
          <GitCompare size={14} aria-hidden /> Compare
        </Link>
      ) : null}
      <Button look="quiet" icon={<X size={14} aria-hidden />} onClick={clear}>
        Choose none
      </Button>
      {act.error ? <Problem error={act.error} /> : null}
    </div>
  )
}
