import { partitionStates } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { ZoomIn } from 'lucide-react'
import { useState } from 'react'
import { type Around, BackfillForm } from '../backfills/backfill-form.tsx'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { numberText } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { useWidth } from '../elements/use-width.ts'
import { Swatch } from './heatmap.tsx'
import { PartitionMap } from './partition-map.tsx'
import { StateWord } from './partition-state.tsx'
import { isPlaced } from './partition-text.ts'
import type { Stretch } from './picture.ts'
import { type Dim, partitionsQuery, placesQuery } from './queries.ts'
import { RangeList } from './range-list.tsx'
import type { Change, Chosen } from './search.ts'

interface PartitionsPanelProps {
  readonly asset: string
  readonly location: string
  readonly around: Around
  readonly chosen: Chosen & { readonly partition: string }
  readonly choose: (change: Change) => void
}

/** The state of every partition: as cells, and the same as a list. What is chosen in either can be backfilled. */
export function PartitionsPanel({
  asset,
  location,
  around,
  chosen: { partition, zoom, backfill },
  choose,
}: PartitionsPanelProps) {
  const { data, error, refetch } = useQuery(partitionsQuery(asset))
  const places = useQuery(placesQuery(asset, isPlaced(partition) ? partition : undefined))
  const zoomed = useQuery(placesQuery(asset, zoom))
  const [own, width] = useWidth<HTMLDivElement>()
  const [axes, setAxes] = useState<readonly [number, number] | null>(null)
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : null
  const { dims, ranges, counts, total } = data
  if (dims.length === 0) return null
  if (total === 0)
    return (
      <Panel title="Partitions">
        <p className="text-muted">There is none yet: no key was added, or the first has not ended.</p>
      </Panel>
    )
  const shown = zoomed.data?.[0] ?? dims.map(({ count }): Stretch => ({ at: 0, count }))
  const take = (text: string): void => choose({ partition: text, backfill: true })
  const isChosen = isPlaced(partition) && places.data !== undefined
  const [across, down] = axes ?? usualAxes(dims)
  return (
    <Panel
      title="Partitions"
      aside={
        <span className="flex flex-wrap justify-end gap-x-3">
          {partitionStates
            .filter((state) => counts[state] > 0)
            .map((state) => (
              <span key={state} className="inline-flex items-center gap-1.5">
                <Swatch state={state} />
                <StateWord state={state} count={counts[state]} />
              </span>
            ))}
        </span>
      }
    >
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {dims.length > 2 ? <AxesForm dims={dims} axes={[across, down]} setAxes={setAxes} /> : null}
      <div ref={own} className="overflow-x-auto">
        {width > 0 ? (
          <PartitionMap
            asset={asset}
            dims={dims}
            ranges={ranges}
            axes={[across, down]}
            shown={shown}
            chosen={isChosen ? places.data : none}
            choose={take}
            width={width}
          />
        ) : null}
      </div>
      <div className="flex min-h-7 flex-wrap items-center gap-2">
        {zoom === undefined ? null : (
          <>
            <span className="min-w-0 text-muted">
              Shown: <code className="font-mono text-xs break-all">{zoom}</code>
            </span>
            <Button onClick={() => choose({ zoom: undefined })}>Show all</Button>
          </>
        )}
        {isChosen ? (
          <>
            {zoom === partition ? null : (
              <Button icon={<ZoomIn size={14} aria-hidden />} onClick={() => choose({ zoom: partition })}>
                Zoom to what is chosen
              </Button>
            )}
            <Button onClick={() => choose({ partition: undefined, backfill: undefined })}>Choose nothing</Button>
          </>
        ) : (
          <span className="text-muted">Draw over the cells, or choose in the list, to backfill.</span>
        )}
      </div>
      {zoomed.error ? <Problem error={zoomed.error} /> : null}
      {backfill ? (
        <BackfillForm
          asset={asset}
          location={location}
          partition={partition}
          dims={dims.flatMap(({ name }) => name ?? [])}
          around={around}
          close={() => choose({ backfill: undefined })}
        />
      ) : null}
      <div className="mt-2">
        <RangeList ranges={ranges} chosen={partition} choose={take} />
      </div>
      {ranges.length < total ? (
        <p className="text-muted">
          The first {numberText(ranges.length)} of {numberText(total)} ranges.
        </p>
      ) : null}
    </Panel>
  )
}

const none: readonly (readonly Stretch[])[] = []

/** Time goes from left to right; of none, or several, the first does. */
function usualAxes(dims: readonly Dim[]): readonly [number, number] {
  if (dims.length === 1) return [0, 0]
  const time = Math.max(
    0,
    dims.findIndex(({ kind }) => kind !== 'one of' && kind !== 'dynamic'),
  )
  return [time, time === 0 ? 1 : 0]
}

interface AxesFormProps {
  readonly dims: readonly Dim[]
  readonly axes: readonly [number, number]
  readonly setAxes: (axes: readonly [number, number]) => void
}

/** Which two of several dimensions are drawn. */
function AxesForm({ dims, axes, setAxes }: AxesFormProps) {
  const field = (word: string, side: 0 | 1) => (
    <label className="flex items-center gap-2 text-muted">
      {word}
      <select
        value={axes[side]}
        onChange={({ target }) => {
          const at = Number(target.value)
          const other = axes[1 - side] === at ? axes[side] : axes[1 - side]!
          setAxes(side === 0 ? [at, other] : [other, at])
        }}
        className="field text-text"
      >
        {dims.map(({ name }, n) => (
          <option key={name} value={n}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <div className="mb-2 flex flex-wrap gap-4">
      {field('Across', 0)}
      {field('Down', 1)}
    </div>
  )
}
