import type { Run } from '@sluice/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Ban, Pencil, RotateCcw, RotateCw, StepForward } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { isActive } from './words.ts'

interface RunActionsProps {
  readonly run: Run
  /** Steps that were chosen, or the one that is looked at: they can be tried again by themselves. */
  readonly steps: readonly number[]
}

/** What can be done about a run, as its state allows. */
export function RunActions({ run, steps }: RunActionsProps) {
  const navigate = useNavigate()
  const [asks, setAsks] = useState(false)
  const act = useMutation({
    mutationFn: async (does: () => Promise<{ run: Run }>) => await does(),
    async onSuccess(done) {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['run', run.id] }),
        queries.invalidateQueries({ queryKey: ['runs'] }),
      ])
      if (done.run.id !== run.id) await navigate({ to: '/runs/$run', params: { run: done.run.id } })
    },
  })
  const retry = (body: Parameters<typeof client.runs.retry>[0]['body']): void =>
    act.mutate(() => client.runs.retry({ run: run.id, body }))
  const active = isActive(run.state)
  const broke = run.state === 'failed' || run.state === 'crashed' || run.state === 'canceled'
  const icon = 14
  if (run.terms === null)
    return <span className="text-muted">executed by a process of its own: go on from a terminal</span>
  return (
    <>
      {active ? (
        <Button
          look="danger"
          disabled={act.isPending || run.state === 'canceling'}
          icon={<Ban size={icon} aria-hidden />}
          onBlur={() => setAsks(false)}
          onClick={() => (asks ? act.mutate(() => client.runs.cancel({ run: run.id })) : setAsks(true))}
        >
          {run.state === 'canceling' ? 'Canceling' : asks ? 'Really cancel?' : 'Cancel'}
        </Button>
      ) : null}
      {run.state === 'crashed' ? (
        <Button
          look="main"
          disabled={act.isPending}
          icon={<StepForward size={icon} aria-hidden />}
          onClick={() => act.mutate(() => client.runs.resume({ run: run.id }))}
        >
          Resume
        </Button>
      ) : null}
      {!active && steps.length > 0 ? (
        <Button
          disabled={act.isPending}
          icon={<RotateCw size={icon} aria-hidden />}
          onClick={() => retry({ steps: steps.map(String) })}
        >
          {steps.length === 1 ? 'Retry this step' : `Retry ${steps.length} steps`}
        </Button>
      ) : null}
      {broke ? (
        <Button
          look={run.state === 'crashed' ? 'plain' : 'main'}
          disabled={act.isPending}
          icon={<RotateCw size={icon} aria-hidden />}
          onClick={() => retry({ from: 'failure' })}
        >
          Retry from failure
        </Button>
      ) : null}
      {active ? null : (
        <Button
          disabled={act.isPending}
          icon={<RotateCcw size={icon} aria-hidden />}
          onClick={() => retry({ from: 'start' })}
        >
          Run all again
        </Button>
      )}
      <LaunchAgain run={run} />
      {act.error ? (
        <div className="w-full">
          <Problem error={act.error} />
        </div>
      ) : null}
    </>
  )
}

/** To the form of what it ran, filled in with what it was given. */
function LaunchAgain({ run }: { readonly run: Run }) {
  const kind = run.job !== null ? 'job' : run.target.kind
  if (kind === 'assets' || kind === 'checks' || run.terms === null) return null
  return (
    <Link
      to="/flows/$location/$kind/$name"
      params={{ location: run.terms.location, kind, name: run.job ?? run.name }}
      search={{ from: run.id }}
      className={buttonClass()}
    >
      <Pencil size={14} aria-hidden /> Edit and launch
    </Link>
  )
}
