import type { Metadata } from '../assets/materialization.ts'
import type { RunId } from '../runs/run.ts'

export interface CheckResult {
  readonly id: number
  readonly asset: string
  readonly check: string
  readonly partition: string | null
  readonly run: RunId
  readonly step: number
  readonly at: number
  /** `null`: nothing could be said. */
  readonly passed: boolean | null
  readonly severity: 'warn' | 'error'
  readonly blocking: boolean
  readonly metadata: Metadata
}
