import type { Staleness } from '@sluice/core'
import { StateWord } from '../partitions/partition-state.tsx'
import { staleReasons } from './staleness.ts'

/** Why it is not up to date. */
export function StaleNote({ staleness }: { readonly staleness: Staleness & { readonly partition: string | null } }) {
  return (
    <section aria-label="Stale" className="rounded-lg border border-l-4 border-line border-l-warn bg-surface px-3 py-2">
      <h2 className="flex items-center gap-1.5 font-semibold">
        <StateWord state="stale" />
        {staleness.partition === null ? '' : <span className="font-mono text-xs">{staleness.partition}</span>}
      </h2>
      <ul>
        {staleReasons(staleness).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </section>
  )
}
