import type { PartitionState } from '@sluice/core'
import { CircleCheck, CircleDashed, CircleX, History, LoaderCircle, type LucideIcon } from 'lucide-react'
import { IconWord } from '../elements/icon-word.tsx'
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
  const { icon, text } = partitionLooks[state]
  return (
    <IconWord icon={icon} text={text}>
      {count === undefined ? '' : `${numberText(count)} `}
      {state}
    </IconWord>
  )
}
