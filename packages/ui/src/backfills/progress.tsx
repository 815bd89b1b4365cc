import { numberText } from '../elements/numbers.ts'
import type { Backfill } from './queries.ts'

/** How far it is: done, failed, in runs, left. */
export function Progress({ of }: { readonly of: Pick<Backfill, 'slices' | 'done' | 'failed' | 'open'> }) {
  const { slices, done, failed, open } = of
  const part = (count: number): string => `${(count / Math.max(1, slices)) * 100}%`
  const says = [
    `${numberText(done)} of ${numberText(slices)} done`,
    failed > 0 ? `${numberText(failed)} failed` : '',
    open > 0 ? `${numberText(open)} in runs` : '',
  ]
  return (
    <span className="flex min-w-40 items-center gap-2">
      <span aria-hidden className="flex h-2 w-24 shrink-0 overflow-hidden rounded-full bg-line">
        <span className="bg-good" style={{ width: part(done) }} />
        <span className="bg-bad" style={{ width: part(failed) }} />
        <span className="bg-busy" style={{ width: part(open) }} />
      </span>
      <span className="whitespace-nowrap">{says.filter((one) => one !== '').join(', ')}</span>
    </span>
  )
}
