import type {
  CheckResult,
  LogLine,
  Materialization,
  Run,
  RunId,
  SluiceEvent,
  Step,
  StoredError,
  StoredValue,
} from '@sluice/core'

/**
 * Every write, as plain data with its precondition. A change that carries `epoch` is dropped with `STALE_EPOCH` where
 * the run has another, and with `RUN_ENDED` where the run is terminal. Sending a change again after a commit of unknown
 * fate changes nothing.
 */
export type Change =
  /** A new run, `waiting`. An id that exists is left as it is. */
  | { readonly change: 'run.create'; readonly run: Run }
  /** Takes the run if its epoch still is `from` and its state can be claimed (waiting, crashed); gives epoch `from + 1`, state running. */
  | {
      readonly change: 'run.claim'
      readonly run: RunId
      readonly from: number
      readonly owner: string
      readonly at: number
      readonly codeVersion: string | null
    }
  /** The first terminal transition wins. A crash of a run that was to be canceled ends it canceled. */
  | {
      readonly change: 'run.end'
      readonly run: RunId
      readonly epoch: number
      readonly state: 'succeeded' | 'failed' | 'crashed' | 'canceled'
      readonly error: StoredError | null
      readonly result: StoredValue | null
      readonly at: number
    }
  /** Back to waiting, for a later claim; also for a crashed run (which counts as a resume); one whose cancel was asked for ends canceled instead. */
  | {
      readonly change: 'run.requeue'
      readonly run: RunId
      readonly epoch: number
      readonly until: number | null
      readonly at: number
    }
  /** A request, without an epoch: a waiting run ends canceled, an active one becomes canceling, a terminal one stays (but a crashed one ends canceled). */
  | { readonly change: 'run.cancel'; readonly run: RunId; readonly at: number }
  /** Copies the successes of another run into this one, unsettled parents included; for a retry. */
  | { readonly change: 'run.adopt'; readonly run: RunId; readonly epoch: number; readonly from: RunId }
  /** Inserts the step or moves it on: a row with an outcome stays, and a lower attempt never replaces a higher one of the same epoch. */
  | { readonly change: 'step.record'; readonly epoch: number; readonly step: Step }
  | { readonly change: 'asset.record'; readonly epoch: number; readonly materialization: Materialization }
  | { readonly change: 'check.record'; readonly epoch: number; readonly result: CheckResult }
  | { readonly change: 'partitions.add'; readonly name: string; readonly keys: readonly string[]; readonly at: number }
  | { readonly change: 'partitions.remove'; readonly name: string; readonly keys: readonly string[] }
  /** The last result with this key wins. */
  | {
      readonly change: 'cache.put'
      readonly epoch: number
      readonly run: RunId
      readonly step: number
      readonly key: string
      readonly value: StoredValue
      readonly at: number
      readonly expiresAt: number | null
    }
  /** `once`: the holder's own number for this change, rising within (run, epoch) over `log.add` and `event.add` together; without it, sending again adds again. */
  | {
      readonly change: 'log.add'
      readonly epoch: number
      readonly run: RunId
      readonly lines: readonly LogLine[]
      readonly once?: number
    }
  | { readonly change: 'event.add'; readonly epoch: number; readonly event: SluiceEvent; readonly once?: number }
  /** What the values of these materializations and steps held is gone; their rows stay. */
  | {
      readonly change: 'values.dropped'
      readonly materializations: readonly number[]
      readonly steps: readonly { readonly run: RunId; readonly step: number }[]
    }

/** Changes in one array stand or fall together. */
export type Together = readonly Change[]

export type DropCode = 'STALE_EPOCH' | 'RUN_ENDED' | 'NOT_CLAIMABLE' | 'STEP_ENDED' | 'RUN_UNKNOWN'

/** One for each item given to `commit`, in its order, after the commit is on disk. */
export type Committed = { readonly ok: true } | { readonly ok: false; readonly code: DropCode }
