import type { RunState, StepState, TickRecord } from '@sluice/core'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  SkipForward,
  Unplug,
} from 'lucide-react'
import { classes } from './classes.ts'

export type AnyState = RunState | StepState | TickRecord['outcome'] | 'paused'

/** One icon, one word and one colour for each state, wherever it is shown. */
export const states: Readonly<Record<AnyState, { icon: LucideIcon; word: string; text: string; bar: string }>> = {
  waiting: { icon: Clock, word: 'waiting', text: 'text-wait', bar: 'bg-wait' },
  starting: { icon: CircleDashed, word: 'starting', text: 'text-busy', bar: 'bg-busy' },
  running: { icon: LoaderCircle, word: 'running', text: 'text-busy', bar: 'bg-busy' },
  canceling: { icon: Ban, word: 'canceling', text: 'text-warn', bar: 'bg-warn' },
  succeeded: { icon: CircleCheck, word: 'succeeded', text: 'text-good', bar: 'bg-good' },
  failed: { icon: CircleX, word: 'failed', text: 'text-bad', bar: 'bg-bad' },
  crashed: { icon: Unplug, word: 'crashed', text: 'text-crash', bar: 'bg-crash' },
  canceled: { icon: CircleSlash, word: 'canceled', text: 'text-warn', bar: 'bg-warn' },
  skipped: { icon: SkipForward, word: 'skipped', text: 'text-skip', bar: 'bg-skip' },
  upstream_failed: { icon: OctagonX, word: 'upstream failed', text: 'text-warn', bar: 'bg-warn' },
  paused: { icon: CirclePause, word: 'paused', text: 'text-warn', bar: 'bg-warn' },
  launched: { icon: CircleCheck, word: 'launched', text: 'text-good', bar: 'bg-good' },
  missed: { icon: CircleSlash, word: 'missed', text: 'text-warn', bar: 'bg-warn' },
}

export function StateIcon({ state, size = 14 }: { readonly state: AnyState; readonly size?: number }) {
  const { icon: Icon, text } = states[state]
  return <Icon size={size} aria-hidden className={classes('shrink-0', text, state === 'running' && 'animate-spin')} />
}

/** Icon and word: a state is never told by colour alone. */
export function State({ state }: { readonly state: AnyState }) {
  return (
    <span className={classes('inline-flex items-center gap-1.5 align-bottom whitespace-nowrap', states[state].text)}>
      <StateIcon state={state} />
      {states[state].word}
    </span>
  )
}
