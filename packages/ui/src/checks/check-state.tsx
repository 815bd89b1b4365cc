import type { CheckResult } from '@sluice/core'
import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react'

const looks = {
  passed: { icon: CircleCheck, text: 'text-good' },
  warned: { icon: TriangleAlert, text: 'text-warn' },
  failed: { icon: CircleX, text: 'text-bad' },
  unknown: { icon: CircleHelp, text: 'text-wait' },
} as const

const wordOf = ({ passed, severity }: CheckOutcome): keyof typeof looks =>
  passed === null ? 'unknown' : passed ? 'passed' : severity === 'warn' ? 'warned' : 'failed'

type CheckOutcome = Pick<CheckResult, 'passed' | 'severity'>

/** What a check came to, as an icon and a word. */
export function CheckState({ of }: { readonly of: CheckOutcome }) {
  const word = wordOf(of)
  const { icon: Icon, text } = looks[word]
  return (
    <span className={`inline-flex items-center gap-1.5 align-bottom whitespace-nowrap ${text}`}>
      <Icon size={14} aria-hidden /> {word}
    </span>
  )
}
