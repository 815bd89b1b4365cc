import { CircleCheck, CircleHelp, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from './classes.ts'

interface IconWordProps {
  readonly icon: LucideIcon
  /** The class of its colour. */
  readonly text: string
  readonly children: ReactNode
}

/** How something is, as an icon and a word: never told by colour alone. */
export const IconWord = ({ icon: Icon, text, children }: IconWordProps) => (
  <span className={classes('inline-flex items-center gap-1.5 align-bottom whitespace-nowrap', text)}>
    <Icon size={14} aria-hidden className="shrink-0" /> {children}
  </span>
)

/** What a judgement comes to, whatever its words are. */
export const verdicts = {
  good: { icon: CircleCheck, text: 'text-good' },
  doubtful: { icon: TriangleAlert, text: 'text-warn' },
  bad: { icon: CircleX, text: 'text-bad' },
  unknown: { icon: CircleHelp, text: 'text-wait' },
} as const
