import type {
  Alert,
  Backfill,
  CheckResult,
  FreshnessNow,
  ConditionEvaluation,
  Json,
  LimitClaim,
  Location,
  LocationVersion,
  LogLine,
  Materialization,
  Run,
  RunId,
  SluiceEvent,
  Step,
  StoredError,
  StoredValue,
  TickRecord,
  WaitingFor,
  Worker,
} from '@sluice/core'

/**
 * Every write, as plain data with its precondition. A change that carries `epoch` is dropped with `STALE_EPOCH` where
 * the run has another, and with `RUN_ENDED` where the run is terminal. Sending a change again after a commit of unknown
 * fate changes nothing.
 */
export type Change =
  /**
   * A new run, `waiting`; one with terms stands in the queue from now on. An id that exists is left as it is, and so is
   * everything where `once` was used before in its scope: `runs.once` finds the run of the first.
   */
  | {
      readonly change: 'run.create'
      readonly run: Run
      readonly once?: { readonly scope: string; readonly key: string }
    }
  /**
   * Admits a run from the queue: takes a slot of its pool, of which there are `capacity`, and of each of its limits, and
   * makes it `starting`. Where one is full, `LIMIT_FULL`, and the run stands blocked on that one, with what it waits for.
   */
  | {
      readonly change: 'run.deliver'
      readonly run: RunId
      readonly epoch: number
      readonly capacity: number
      readonly at: number
    }
  /** Takes the run if its epoch still is `from` and its state can be claimed (waiting, starting, crashed); gives epoch `from + 1`, state running. */
  | {
      readonly change: 'run.claim'
      readonly run: RunId
      readonly from: number
      readonly owner: string
      /** The owner is a worker's session, which has to be there still: WORKER_UNKNOWN where it is not. */
      readonly bySession?: true
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
  /**
   * Back to waiting, for a later claim, its slots freed; also for a crashed run (which counts as a resume, as does
   * `counts`); one whose cancel was asked for ends canceled instead. `child`: not before that run has ended.
   */
  | {
      readonly change: 'run.requeue'
      readonly run: RunId
      readonly epoch: number
      readonly until: number | null
      readonly child?: RunId
      readonly counts?: boolean
      readonly at: number
    }
  /** A request, without an epoch: a waiting run ends canceled, an active one becomes canceling, a terminal one stays (but a crashed one ends canceled). `unstarted`: only one that nobody has claimed yet; `NOT_CLAIMABLE` otherwise. */
  | { readonly change: 'run.cancel'; readonly run: RunId; readonly unstarted?: true; readonly at: number }
  /**
   * Copies the successes of another run into this one, unsettled parents included; for a retry. Steps that are `without`
   * run again, with what is below them; what is above them is not settled.
   */
  | {
      readonly change: 'run.adopt'
      readonly run: RunId
      readonly epoch: number
      readonly from: RunId
      readonly without?: readonly number[]
    }
  /** Inserts the step or moves it on: a row with an outcome stays, and a lower attempt never replaces a higher one of the same epoch. */
  | { readonly change: 'step.record'; readonly epoch: number; readonly step: Step }
  | { readonly change: 'asset.record'; readonly epoch: number; readonly materialization: Materialization }
  /** The run was to make this slice and did not: it failed, or what it is made from did. Until it is made, or looked at. */
  | {
      readonly change: 'asset.fail'
      readonly epoch: number
      readonly run: RunId
      readonly step: number
      readonly asset: string
      readonly partition: string | null
      readonly at: number
    }
  /**
   * Nothing counts as made, seen or failed of these partitions any more (`null`: of all of it). `clear`: the records and
   * results of checks are deleted; `keep`: the records stay in its history as `wiped`.
   */
  | {
      readonly change: 'asset.wipe'
      readonly asset: string
      readonly partitions: readonly string[] | null
      readonly history: 'keep' | 'clear'
      readonly at: number
    }
  /**
   * What was known under one name is known under the other, and what was made from it stays up to date. `NAME_UNKNOWN`
   * where nothing is known of the first, `NAME_TAKEN` where something is of the second.
   */
  | { readonly change: 'asset.rename'; readonly from: string; readonly to: string; readonly at: number }
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
  /** What a worker has to say for itself, under its name: it is there when the worker is gone. */
  | { readonly change: 'worker.log'; readonly name: string; readonly lines: readonly LogLine[] }
  | { readonly change: 'event.add'; readonly epoch: number; readonly event: SluiceEvent; readonly once?: number }
  /** What the values of these materializations and steps held is gone; their rows stay. */
  | {
      readonly change: 'values.dropped'
      readonly materializations: readonly number[]
      readonly steps: readonly { readonly run: RunId; readonly step: number }[]
    }
  /**
   * Deletes a run that ended before `before`: its steps, lines and marks, at most `rows` of each, the last first; the run
   * itself when none are left. `RUN_KEPT` where it is not over, ended later, or a retry of it is kept.
   */
  | { readonly change: 'run.forget'; readonly run: RunId; readonly before: number; readonly rows: number }
  /** Deletes rows that `history.old` gave; what is needed after all stays. */
  | {
      readonly change: 'history.forget'
      readonly of: HistoryKind
      readonly ids: readonly (string | number)[]
      readonly before: number
    }
  /** A piece of something that every machine can reach, from 0 on; text of at most 4 MB. Sent again, it replaces itself. */
  | { readonly change: 'blob.put'; readonly ref: string; readonly piece: number; readonly text: string }
  | { readonly change: 'blob.remove'; readonly refs: readonly string[] }

  /** A run of the queue is not tried again before `until`, and says why: no worker has its code, say. */
  | {
      readonly change: 'queue.wait'
      readonly run: RunId
      readonly epoch: number
      readonly until: number
      readonly waitingFor: WaitingFor
    }
  /** Runs whose time has come may be admitted. */
  | { readonly change: 'queue.due'; readonly at: number }
  /**
   * `count` slots of a limit (default 1) for a step. Where there are not as many: `LIMIT_FULL`, and the step stands in
   * line (`slots.granted` tells when it has them), unless the limit's rule is to skip, or it is a rate.
   */
  | {
      readonly change: 'slot.take'
      readonly run: RunId
      readonly epoch: number
      readonly step: number
      readonly claim: LimitClaim
      readonly count?: number
      readonly at: number
    }
  /** Gives back what the step holds and waits for; of one limit only where it is named. */
  | {
      readonly change: 'slot.free'
      readonly run: RunId
      readonly epoch: number
      readonly step: number
      readonly limit?: { readonly name: string; readonly key: string | null }
      /** From when whoever is next has it. Default: since when the step had it. */
      readonly at?: number
    }
  /** A worker is there, its lease counted from now by the store's clock. */
  | { readonly change: 'worker.join'; readonly worker: Omit<Worker, 'joinedAt' | 'leaseUntil'>; readonly lease: number }
  /** `WORKER_UNKNOWN` where its session has ended: what it held may have gone to others. */
  | {
      readonly change: 'worker.renew'
      readonly worker: string
      readonly lease: number
      readonly draining?: boolean
      readonly slots?: number
      readonly versions?: Worker['versions']
    }
  /** The session is over; what it still holds goes back to the queue, uncounted. `expired`: only where its lease has ended by the store's clock. */
  | { readonly change: 'worker.leave'; readonly worker: string; readonly expired: boolean; readonly at: number }
  /** Makes or changes a schedule. Where the fingerprint changes, its watermark moves to `at`. One of another origin is left: `NAME_TAKEN`. */
  | {
      readonly change: 'schedule.put'
      readonly location: string
      readonly name: string
      readonly origin: 'code' | 'api'
      readonly spec: Json
      readonly fingerprint: string
      readonly at: number
    }
  /** One of the API is deleted; one of code is retired, and comes back with the code. */
  | { readonly change: 'schedule.remove'; readonly location: string; readonly name: string }
  /** `null`: as the code says. Going on again moves the watermark to `at`. */
  | {
      readonly change: 'schedule.pause'
      readonly location: string
      readonly name: string
      readonly paused: boolean | null
      readonly at: number
    }
  /** What was decided up to `to`, if watermark and revision still are those it was decided by, else `WATERMARK_MOVED`. Goes together with the runs. */
  | {
      readonly change: 'schedule.decide'
      readonly location: string
      readonly name: string
      readonly revision: number
      readonly from: number
      readonly to: number
      readonly ticks: readonly Omit<TickRecord, 'id' | 'kind' | 'location' | 'name'>[]
    }
  | {
      readonly change: 'sensor.put'
      readonly location: string
      readonly name: string
      readonly spec: Json
      readonly at: number
    }
  | { readonly change: 'sensor.remove'; readonly location: string; readonly name: string }
  | {
      readonly change: 'sensor.pause'
      readonly location: string
      readonly name: string
      readonly paused: boolean | null
      readonly at: number
    }
  /** For who looks: `LEASED` where somebody else does, by the store's clock. */
  | {
      readonly change: 'sensor.lease'
      readonly location: string
      readonly name: string
      readonly by: string
      readonly lease: number
    }
  /** What a look came to, by who holds its lease (`LEASED` otherwise), which ends. Goes together with the runs. */
  | {
      readonly change: 'sensor.decide'
      readonly location: string
      readonly name: string
      readonly by: string
      /** Encoded; left out, it stays. */
      readonly cursor?: string | null
      readonly after?: number
      readonly nextAt: number
      readonly failures: number
      /** `null`: nothing worth keeping. */
      readonly tick: Omit<TickRecord, 'id' | 'kind' | 'location' | 'name'> | null
    }
  /**
   * What a look at conditions came to, if nobody has decided one since (`WATERMARK_MOVED` otherwise): what is remembered of
   * those that changed, what is forgotten, and why. Goes together with the runs and the cursor in the events.
   */
  | {
      readonly change: 'conditions.decide'
      readonly from: number
      readonly at: number
      /** An `EntityStateRecord` as JSON each: there may be ten thousand, and text crosses threads as it is. */
      readonly states: readonly { readonly entity: string; readonly state: string }[]
      readonly gone: readonly string[]
      /** `tree`: a `TraceRecord` as JSON. */
      readonly evaluations: readonly (Omit<ConditionEvaluation, 'id' | 'tree'> & { readonly tree: string })[]
    }
  /**
   * How fresh an asset is from `at` on, if it was `from` (`null`: not known yet): `WATERMARK_MOVED` otherwise. `to: null`: it
   * has no policy any more. `tell`: with an event.
   */
  | {
      readonly change: 'freshness.move'
      readonly asset: string
      readonly location: string
      readonly from: FreshnessNow['state'] | null
      readonly to: FreshnessNow['state'] | null
      readonly madeAt: number | null
      readonly at: number
      readonly tell: boolean
    }
  /** `null`: as all of them are. The entity '' is all of them. */
  | { readonly change: 'conditions.pause'; readonly entity: string; readonly paused: boolean | null }
  /** A new backfill. An id that exists is left as it is. */
  | { readonly change: 'backfill.create'; readonly backfill: Backfill }
  /**
   * What it has become, if its version still is `from`, which is raised by one: `WATERMARK_MOVED` where somebody else has
   * decided. Goes together with its runs.
   */
  | {
      readonly change: 'backfill.decide'
      readonly backfill: string
      readonly from: number
      readonly state: Backfill['state']
      readonly progress: Backfill['progress']
      readonly endedAt: number | null
      readonly at: number
    }
  /** A code version. One that is known is left as it is, but gets a bundle that it lacked. */
  | { readonly change: 'location.register'; readonly version: LocationVersion }
  /** New runs use it from now on. */
  | { readonly change: 'location.activate'; readonly location: string; readonly version: string; readonly at: number }
  /** Why newer code is not active; `null` when that is over. */
  | { readonly change: 'location.problem'; readonly location: string; readonly problem: Location['problem'] }
  /** How far a consumer has read the events, if it still is where it was (`null`: it never read): `WATERMARK_MOVED` otherwise. */
  | { readonly change: 'cursor.move'; readonly name: string; readonly from: number | null; readonly to: number }
  /** A message that has to leave; one that is known is left as it is. */
  /** A person knows of a failure with this fingerprint; `by` is `null`: it is to be seen again. Those of more than 90 days go. */
  | {
      readonly change: 'failure.acknowledge'
      readonly failure: string
      readonly by: string | null
      readonly at: number
    }
  | {
      readonly change: 'alert.add'
      readonly alert: Pick<Alert, 'id' | 'location' | 'channel' | 'message'>
      readonly at: number
    }
  /** For who sends it: counts as tried once more, and not again before `until`. `LEASED` where it was tried since, or has left. */
  | { readonly change: 'alert.take'; readonly alert: string; readonly attempts: number; readonly until: number }
  /** What the try came to, by who made it (`LEASED` otherwise). `waiting`: again at `nextAt`. */
  | {
      readonly change: 'alert.decide'
      readonly alert: string
      readonly attempts: number
      readonly state: Alert['state']
      readonly error: string | null
      readonly nextAt: number
      readonly at: number
    }

/**
 * What is deleted when it is old, besides runs. `records`: of assets. `words`: of requests to launch something once.
 * `cache`: entries that have expired. `evaluations`: of conditions. `versions`: of code, with their bundles.
 */
export type HistoryKind =
  | 'logs'
  | 'records'
  | 'checks'
  | 'events'
  | 'ticks'
  | 'alerts'
  | 'backfills'
  | 'words'
  | 'cache'
  | 'evaluations'
  | 'versions'

/** Changes in one array stand or fall together. */
export type Together = readonly Change[]

export type DropCode =
  | 'STALE_EPOCH'
  | 'RUN_ENDED'
  | 'NOT_CLAIMABLE'
  | 'STEP_ENDED'
  | 'RUN_UNKNOWN'
  | 'RUN_KEPT'
  | 'LIMIT_FULL'
  | 'WORKER_UNKNOWN'
  | 'NAME_TAKEN'
  | 'NAME_UNKNOWN'
  | 'WATERMARK_MOVED'
  | 'LEASED'

/** One for each item given to `commit`, in its order, after the commit is on disk. */
export type Committed = { readonly ok: true } | { readonly ok: false; readonly code: DropCode }
