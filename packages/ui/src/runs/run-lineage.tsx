import type { Run, Step } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Loading, Problem } from '../elements/note.tsx'
import { type LineageState, LineageView } from '../lineage/lineage-view.tsx'
import { lineageQuery } from '../lineage/queries.ts'
import { madeQuery } from './run-details.tsx'
import { assetNodes, stepNodes } from './run-nodes.ts'

interface RunLineageProps {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly chosen: number | undefined
  readonly choose: (step: number | undefined) => void
}

/** What of a run is made from what: its assets, or the steps of its flow. The step that is chosen is that of the timeline. */
export function RunLineage(props: RunLineageProps) {
  return props.run.target.kind === 'assets' ? <AssetsOfRun {...props} /> : <StepsOfRun {...props} />
}

function StepsOfRun({ steps, chosen, choose }: RunLineageProps) {
  const [open, setOpen] = useState<LineageState['open']>()
  const nodes = useMemo(() => stepNodes(steps), [steps])
  return (
    <LineageView
      label="Lineage"
      noun="step"
      nodes={nodes}
      state={{ open, at: chosen === undefined ? undefined : String(chosen) }}
      change={({ at, open: next }) => {
        setOpen(next)
        choose(at === undefined || Number.isNaN(Number(at)) ? undefined : Number(at))
      }}
      open={(id) => choose(Number(id))}
    />
  )
}

function AssetsOfRun({ run, steps, chosen, choose }: RunLineageProps) {
  const [state, setState] = useState<LineageState>({})
  const { data, error } = useQuery(lineageQuery({ run: run.id }))
  const { data: made } = useQuery(madeQuery(run.id))
  const { nodes, stepOf } = useMemo(
    () => assetNodes(data?.assets ?? [], steps, made?.records ?? []),
    [data?.assets, steps, made?.records],
  )
  if (!data) return error ? <Problem error={error} /> : <Loading what="the graph" />
  // Code that is active now has none of them any more.
  if (nodes.length === 0) return <StepsOfRun run={run} steps={steps} chosen={chosen} choose={choose} />
  // The step of another partition of the asset is chosen in the timeline.
  const name = steps.find(({ step }) => step === chosen)?.name
  const at = nodes.find(({ id }) => id === name || (chosen !== undefined && stepOf.get(id) === chosen))?.id
  const isShown = state.at !== undefined && (stepOf.get(state.at) ?? chosen) === chosen
  return (
    <LineageView
      label="Lineage"
      noun="asset"
      nodes={nodes}
      state={{ ...state, at: isShown ? state.at : at }}
      change={(next) => {
        setState(next)
        choose(next.at === undefined ? undefined : stepOf.get(next.at))
      }}
      open={(id) => choose(stepOf.get(id))}
    />
  )
}
