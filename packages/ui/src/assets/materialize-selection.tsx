import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../elements/button.tsx'
import { countOf } from '../elements/numbers.ts'
import { Materialize } from './materialize.tsx'
import { assetsQuery } from './queries.ts'

interface MaterializeSelectionProps {
  /** Empty for all. */
  readonly selection: string
  readonly close: () => void
}

/** Makes all assets of a selection in one run: how many they are is said before. */
export function MaterializeSelection({ selection, close }: MaterializeSelectionProps) {
  const [partition, setPartition] = useState('latest')
  const { data, hasNextPage, isPlaceholderData } = useInfiniteQuery(assetsQuery(selection))
  const those = (data?.pages ?? []).flatMap((page) => page.assets.filter(({ definition }) => definition.runnable))
  // Not those of the selection before.
  if (!data || isPlaceholderData) return null
  const isPartitioned = those.some(({ definition }) => definition.partitions !== null)
  return (
    <section
      aria-label="Materialize"
      className="flex flex-wrap items-center justify-end gap-2 border-b border-line bg-surface px-4 py-2"
    >
      {those.length === 0 ? (
        <p className="text-muted">None of these is made by your code.</p>
      ) : (
        <Materialize
          target={targetOf(selection)}
          partition={isPartitioned ? partition : null}
          setPartition={setPartition}
          word={`Materialize ${hasNextPage ? 'all' : countOf(those.length, 'asset')}`}
        />
      )}
      <Button onClick={close}>Close</Button>
    </section>
  )
}

/** A launch takes a plain name for a job first; here it is an asset. */
function targetOf(selection: string): string {
  if (selection === '') return '*'
  return /^[\w./-]+$/.test(selection) ? `key:"${selection}"` : selection
}
