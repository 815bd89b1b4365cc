import type { Health } from '@sluice/core'
import { IconWord, verdicts } from '../elements/icon-word.tsx'

const looks = {
  healthy: verdicts.good,
  warning: verdicts.doubtful,
  degraded: verdicts.bad,
  unknown: verdicts.unknown,
} as const

/** How an asset does. */
export const HealthState = ({ health }: { readonly health: Health }) => <IconWord {...looks[health]}>{health}</IconWord>
