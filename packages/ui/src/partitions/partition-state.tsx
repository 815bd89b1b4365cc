import type { PartitionState } from '@sluice/core'
import { CircleCheck, CircleDashed, CircleX, History, LoaderCircle, type LucideIcon } from 'lucide-react'
import { classes } from '../elements/classes.ts'
import { numberText } from '../elements/numbers.ts'

/** One icon, one word and one colour for each state of a partition. */
export const partitionLooks: Readonly<Record<PartitionState, { icon: LucideIcon; text: string; bar: string }>> = {
  'in progress': { icon: LoaderCircle, text: 'text-busy', bar: 'bg-busy' },
  failed: { icon: CircleX, text: 'text-bad', bar: 'bg-bad' },
  stale: { icon: History, text: 'text-warn', bar: 'bg-warn' },
  fresh: { icon: CircleCheck, text: 'text-good', bar: 'bg-good' },
  missing: { icon: CircleDashed, text: 'text-wait', bar: 'bg-line' },
}

interface StateWordProps {
  readonly state: PartitionState
  /** How many partitions are in it. */
  readonly count?: number
}

export function StateWord({ state, count }: StateWordProps) {
  const { icon: Icon, text } = partitionLooks[state]
  return (
    <span className={classes('inline-flex items-center gap-1.5 align-bottom whitespace-nowrap', text)}>
      <Icon size={14} aria-hidden /> {count === undefined ? '' : `${numberText(count)} `}
      {state}
    </span>
  )
}
