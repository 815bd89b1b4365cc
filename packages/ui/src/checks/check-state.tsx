import type { CheckResult } from '@sluice/core'
import { IconWord, verdicts } from '../elements/icon-word.tsx'

const looks = {
  passed: verdicts.good,
  warned: verdicts.doubtful,
  failed: verdicts.bad,
  unknown: verdicts.unknown,
} as const

const wordOf = ({ passed, severity }: CheckOutcome): keyof typeof looks =>
  passed === null ? 'unknown' : passed ? 'passed' : severity === 'warn' ? 'warned' : 'failed'

type CheckOutcome = Pick<CheckResult, 'passed' | 'severity'>

/** What a check came to. */
export function CheckState({ of }: { readonly of: CheckOutcome }) {
  const word = wordOf(of)
  return <IconWord {...looks[word]}>{word}</IconWord>
}
