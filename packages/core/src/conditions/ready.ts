import {
  and,
  anyDepsInProgress,
  anyDepsMissing,
  anyDepsUpdated,
  type Condition,
  condition,
  type ConditionSpec,
  handled,
  inProgress,
  not,
  or,
  type RetryOptions,
  updatedSince,
  when,
} from './condition.ts'

export interface ReadyOptions {
  /** A request that failed is made again. Default: not until something new happens. */
  readonly retry?: RetryOptions
}

const retries = ({ retry }: ReadyOptions): ConditionSpec[] => (retry ? [when.retryDue(retry)] : [])

/**
 * Requested, or made by a run that began later: what was pending before is dealt with. A condition that is new has
 * nothing to forget, so that what is missing then is requested.
 */
const dealtWith: ConditionSpec = { ...or({ op: 'newlyRequested' }, { op: 'newlyUpdated' }), label: 'dealtWith' }

/**
 * Whenever something that it is made from is made, and where it is missing: as soon as nothing that it is made from is
 * missing or under way. Of slices by the clock only the newest.
 *
 * Dagster's `eager`, mended in three ways: what is missing at the first tick is requested, what is updated while a
 * request is under way is not forgotten, and with `retry` a failed request is made again.
 */
export function eager(options: ReadyOptions = {}): Condition {
  const trigger = or(
    { op: 'newlyTrue', of: { op: 'missing' }, label: 'newlyMissing' },
    anyDepsUpdated,
    ...retries(options),
  )
  return condition({
    ...and(
      { op: 'inLatestTimeWindow' },
      { op: 'since', trigger, reset: dealtWith, keeps: 'each', label: 'somethingNew' },
      not(anyDepsMissing),
      not(anyDepsInProgress),
      not(inProgress),
    ),
    label: 'eager',
  })
}

/**
 * Once after each tick of the cron, as soon as everything it is made from was made after that tick. Of slices by the
 * clock only the newest.
 */
export function onCron(cron: string, options: ReadyOptions & { readonly timeZone?: string } = {}): Condition {
  const { timeZone = 'UTC' } = options
  const tick: ConditionSpec = { op: 'cronTickPassed', cron, timeZone }
  const [retry] = retries(options)
  return condition({
    ...and(
      { op: 'inLatestTimeWindow' },
      { op: 'since', trigger: retry ? or(tick, retry) : tick, reset: handled },
      updatedSince(cron, timeZone),
    ),
    label: `onCron(${cron}, ${timeZone})`,
  })
}

/**
 * Where it is missing, as soon as nothing that it is made from is. Of slices by the clock only the newest. Dagster's
 * `on_missing`, mended as `eager` is.
 */
export function onMissing(options: ReadyOptions = {}): Condition {
  const newlyMissing: ConditionSpec = { op: 'newlyTrue', of: { op: 'missing' } }
  const [retry] = retries(options)
  return condition({
    ...and(
      { op: 'inLatestTimeWindow' },
      {
        op: 'since',
        trigger: retry ? or(newlyMissing, retry) : newlyMissing,
        reset: dealtWith,
        keeps: 'each',
        label: 'missingSinceLastHandled',
      },
      not(anyDepsMissing),
    ),
    label: 'onMissing',
  })
}
