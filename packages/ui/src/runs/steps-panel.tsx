import type { Run, Step } from '@sluice/core'
import { Suspense, lazy } from 'react'
import { Loading, Problem } from '../elements/note.tsx'
import { countOf, numberText } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { type Retrying, mostSteps } from '../steps/queries.ts'
import { Timeline } from '../steps/timeline.tsx'
import type { RunSearch } from './search.ts'
import { isActive } from './words.ts'

const RunLineage = lazy(async () => ({ default: (await import('./run-lineage.tsx')).RunLineage }))

interface StepsPanelProps {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly isRead: boolean
  readonly retries: readonly Retrying[]
  readonly error: unknown
  readonly search: RunSearch
  readonly change: (part: { [K in keyof RunSearch]?: RunSearch[K] | undefined }) => void
  /** Steps that are to be retried, and what marks one; `null`: none can be. */
  readonly marked: ReadonlySet<number>
  readonly mark: ((step: number) => void) | null
}

const panes = [
  [undefined, 'Timeline'],
  ['lineage', 'Lineage'],
] as const

/** The steps of a run, in time or as what is made from what, with one step chosen in both. */
export function StepsPanel({ run, steps, isRead, retries, error, search, change, marked, mark }: StepsPanelProps) {
  const shared = {
    run,
    steps,
    chosen: search.step,
    choose: (step: number | undefined) => change({ step, line: undefined }),
  }
  return (
    <Panel
      title="Steps"
      flush
      aside={
        <>
          {stepsText(steps.length, isRead)}
          <span role="group" aria-label="Show steps as" className="flex overflow-hidden rounded-md border border-edge">
            {panes.map(([pane, word]) => (
              <button
                key={word}
                type="button"
                aria-pressed={search.pane === pane}
                onClick={() => change({ pane })}
                className="h-6 px-2.5 text-sm font-normal text-muted hover:bg-hover aria-pressed:bg-chosen aria-pressed:font-semibold aria-pressed:text-text"
              >
                {word}
              </button>
            ))}
          </span>
        </>
      }
    >
      {error ? <Problem error={error} /> : null}
      {!isRead && !error ? (
        <Loading what="steps" />
      ) : steps.length === 0 ? (
        <p className="px-3 py-4 text-muted">{isActive(run.state) ? 'No step was begun yet.' : 'It has no steps.'}</p>
      ) : search.pane === 'lineage' ? (
        <div className="flex flex-col lg:h-96">
          <Suspense fallback={<Loading what="the graph" />}>
            <RunLineage {...shared} />
          </Suspense>
        </div>
      ) : (
        <Timeline retries={retries} marked={marked} mark={mark} {...shared} />
      )}
    </Panel>
  )
}

function stepsText(count: number, isRead: boolean): string {
  if (!isRead) return ''
  return count >= mostSteps ? `the first ${numberText(mostSteps)}` : countOf(count, 'step')
}
