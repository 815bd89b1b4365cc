import { humanDuration } from '../time/duration.ts'
import type { RunState, WaitingFor } from './run.ts'

/** What can happen to a run. */
export type RunEvent =
  /** Admitted and handed to a worker, whose code is not running yet. */
  | 'deliver'
  /** A process takes it (or takes it over after a crash) and runs its code. */
  | 'claim'
  /** Back to the queue: its process drained, or it goes on after a crash. */
  | 'requeue'
  /** Somebody asked for it to be canceled. */
  | 'cancel'
  | 'succeed'
  | 'fail'
  /** Its process is gone without a word. */
  | 'crash'
  /** Its process has stopped for the cancel. */
  | 'stopped'

type Table<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>

/** Where each event leads; one that is missing does not apply in that state. */
export const runTransitions: Table<RunState, RunEvent> = {
  waiting: { deliver: 'starting', claim: 'running', cancel: 'canceled', fail: 'failed' },
  starting: {
    claim: 'running',
    requeue: 'waiting',
    // Nobody executes it yet who would have to stop.
    cancel: 'canceled',
    fail: 'failed',
    crash: 'crashed',
    stopped: 'canceled',
  },
  running: {
    requeue: 'waiting',
    cancel: 'canceling',
    succeed: 'succeeded',
    fail: 'failed',
    crash: 'crashed',
    stopped: 'canceled',
  },
  // Whatever ends it first wins; a process that dies now has done what was asked.
  canceling: { cancel: 'canceling', succeed: 'succeeded', fail: 'failed', crash: 'canceled', stopped: 'canceled' },
  succeeded: {},
  failed: {},
  // The one end that can be undone: nothing that was committed is lost.
  crashed: { claim: 'running', requeue: 'waiting', cancel: 'canceled' },
  canceled: {},
}

export const runStates = Object.keys(runTransitions) as readonly RunState[]

/** The state after the event, or `null` where the event does not apply. */
export function nextRunState(state: RunState, event: RunEvent): RunState | null {
  return runTransitions[state][event] ?? null
}

/** Does some event lead from one state to the other? */
export function canMoveRun(from: RunState, to: RunState): boolean {
  return Object.values(runTransitions[from]).includes(to)
}

/** Is it over, unless it is resumed? */
export function isTerminalRun(state: RunState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'crashed' || state === 'canceled'
}

/** Can the same run go on where it was? A failed one cannot: trying again is a new run. */
export function isResumable(state: RunState): boolean {
  return state === 'crashed'
}

/**
 * What a wait is called where people read it: `queued`, `scheduled for 02:00`, `retrying in 10 s`.
 *
 * @param now milliseconds since 1970.
 * @param timeZone of the reader, for times of day.
 */
export function describeWaiting(
  waiting: WaitingFor,
  now: number,
  timeZone: string = Temporal.Now.timeZoneId(),
): string {
  switch (waiting.for) {
    case 'time':
      return waiting.until <= now ? 'due now' : `scheduled for ${timeOfDay(waiting.until, now, timeZone)}`
    case 'turn':
      return `queued for the limit ${waiting.limit}${waiting.key === undefined ? '' : ` of ${waiting.key}`}`
    case 'worker':
      return waiting.version === undefined ? 'queued' : `queued until a worker has the code ${waiting.version}`
    case 'retry':
      return waiting.until <= now ? 'retrying now' : `retrying in ${humanDuration(waiting.until - now)}`
    case 'upstream':
      return `waiting for ${someOf(waiting.names)}`
    case 'person':
      return `waiting for a person: ${waiting.request}`
    case 'event':
      return `waiting for the event ${waiting.event}`
    case 'child':
      return `waiting for the run ${waiting.run}`
  }
}

function timeOfDay(at: number, now: number, timeZone: string): string {
  const [then, today] = [at, now].map((ms) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone),
  ) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime]
  const time = then.toPlainTime().toString({ smallestUnit: 'minute' })
  return then.toPlainDate().equals(today.toPlainDate()) ? time : `${then.toPlainDate().toString()} ${time}`
}

function someOf(names: readonly string[]): string {
  const more = names.length - 3
  if (more > 0) return `${names.slice(0, 3).join(', ')} and ${more} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
