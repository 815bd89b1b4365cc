import type { Metadata } from '../assets/materialization.ts'
import type { MetadataInput } from '../assets/metadata.ts'
import type { ConditionSpec } from '../conditions/condition.ts'
import type { Awaitable } from '../schema.ts'
import { type Retries, checkRetries } from '../steps/retry.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import type { Column } from '../values/columns.ts'

/** What a check says of the data. */
export interface CheckOutcome {
  /** `null`: nothing can be said yet, which holds nothing back. */
  readonly passed: boolean | null
  readonly metadata?: Readonly<Record<string, MetadataInput>>
}

/** A time before this one that the asset was made. */
export interface PastMaterialization {
  readonly partition: string | null
  /** Milliseconds since 1970. */
  readonly at: number
  readonly metadata: Metadata
}

/** What this check said before. */
export interface PastResult extends PastMaterialization {
  readonly passed: boolean | null
}

/** What a check looks at: one asset, or one partition of it, as it was made last. */
export interface CheckContext<T> {
  readonly value: T
  readonly partition: string | undefined
  /** The facts of the materialization; empty where there is none. */
  readonly metadata: Metadata
  /** Of a table, as its definition says; otherwise `null`. */
  readonly columns: readonly Column[] | null
  /**
   * The materializations before this one that can be compared with it, newest first: of an asset by the clock the newest
   * of every other window (in a grid with the same other keys), otherwise those of the same partition.
   *
   * @param limit how many at most; default 30.
   */
  past(limit?: number): Promise<readonly PastMaterialization[]>
  /** What this check said of those, newest first. */
  results(limit?: number): Promise<readonly PastResult[]>
}

export type CheckRun<T> = (context: CheckContext<T>) => Awaitable<CheckOutcome>

export interface CheckOptions<T> {
  readonly description?: string
  /** A failed one holds back what depends on the asset, and fails the run. Default `false`. */
  readonly blocking?: boolean
  /** `'warn'` never fails a run and never holds anything back. Default `'error'`. */
  readonly severity?: 'warn' | 'error'
  /** When it is to run again by itself, apart from its asset. */
  readonly condition?: ConditionSpec
  /** When one that throws is tried again; a number is `max`, without a delay. What did not pass is no failure. Default: never. */
  readonly retries?: number | Retries
  /** Of one attempt, after which it fails with `STEP_TIMEOUT`. Default: none. */
  readonly timeout?: Duration
  readonly run: CheckRun<T>
}

export interface CheckDefinition {
  readonly name: string
  readonly description: string | undefined
  readonly blocking: boolean
  readonly severity: 'warn' | 'error'
  readonly condition: ConditionSpec | undefined
  readonly retries: number | Retries | undefined
  readonly timeout: Duration | undefined
  // oxlint-disable-next-line no-explicit-any -- of an asset of anything
  readonly run: CheckRun<any>
}

/**
 * @param whose the name of the asset.
 * @throws SluiceError DEFINITION_INVALID for retries or a timeout that cannot be.
 */
// oxlint-disable-next-line no-explicit-any -- of an asset of anything
export function checkOf(whose: string, name: string, check: CheckRun<any> | CheckOptions<any>): CheckDefinition {
  const {
    description,
    blocking = false,
    severity = 'error',
    condition,
    retries,
    timeout,
    run,
  } = typeof check === 'function' ? { run: check } : check
  if (retries !== undefined) checkRetries(`Check "${whose}:${name}"`, retries)
  if (timeout !== undefined) milliseconds(timeout)
  return Object.freeze({ name, description, blocking, severity, condition, retries, timeout, run })
}
