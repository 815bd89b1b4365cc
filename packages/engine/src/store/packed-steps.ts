import type { Step } from '@sluice/core'

/**
 * A list of values, one for each step; or, where all steps have the same, that value itself. What is an array by
 * itself (`upstream`, `tags`) is always in a list, so the two cannot be confused.
 */
type Column<T> = readonly T[] | (T extends readonly unknown[] ? never : T)

/** Steps as columns, in the order of their properties: a batch of one run has most of its values in common. */
export interface PackedSteps {
  readonly count: number
  readonly columns: Columns<Fields>
}
type Columns<T extends readonly unknown[]> = { readonly [Place in keyof T]: Column<T[Place]> }

type Fields = readonly [
  Step['run'],
  Step['step'],
  Step['parent'],
  Step['kind'],
  Step['name'],
  Step['identity'],
  Step['key'],
  Step['state'],
  Step['waitingFor'],
  Step['attempt'],
  Step['epoch'],
  Step['floor'],
  Step['seq'],
  Step['after'],
  Step['tracked'],
  Step['startedAt'],
  Step['endedAt'],
  Step['args'],
  Step['upstream'],
  /** The text where it is inline. */
  string | Step['result'],
  Step['error'],
  Step['reason'],
  Step['cachedFrom'],
  /** `null` for none. */
  Step['tags'] | null,
]

/** Written out, as it is much faster than a loop over names; `unpackSteps` is red where this misses a field. */
export function packSteps(steps: readonly Step[]): PackedSteps {
  return {
    count: steps.length,
    columns: [
      column(steps, (it) => it.run),
      column(steps, (it) => it.step),
      column(steps, (it) => it.parent),
      column(steps, (it) => it.kind),
      column(steps, (it) => it.name),
      column(steps, (it) => it.identity),
      column(steps, (it) => it.key),
      column(steps, (it) => it.state),
      column(steps, (it) => it.waitingFor),
      column(steps, (it) => it.attempt),
      column(steps, (it) => it.epoch),
      column(steps, (it) => it.floor),
      column(steps, (it) => it.seq),
      column(steps, (it) => it.after),
      column(steps, (it) => it.tracked),
      column(steps, (it) => it.startedAt),
      column(steps, (it) => it.endedAt),
      column(steps, (it) => it.args),
      column(steps, (it) => it.upstream),
      column(steps, ({ result }) => (result !== null && 'inline' in result ? result.inline : result)),
      column(steps, (it) => it.error),
      column(steps, (it) => it.reason),
      column(steps, (it) => it.cachedFrom),
      column(steps, ({ tags }) => (tags.length === 0 ? null : tags)),
    ],
  }
}

function column<T>(steps: readonly Step[], of: (step: Step) => T): Column<T> {
  if (steps.length === 0) return []
  const first = of(steps[0]!)
  if (Array.isArray(first)) return steps.map(of)
  for (const step of steps) if (of(step) !== first) return steps.map(of)
  return first as Column<T>
}

export function unpackSteps({ count, columns }: PackedSteps): Step[] {
  const [run, number, parent, kind, name, identity, key, state, waitingFor, attempt, epoch, floor, ...more] = columns
  const [seq, after, tracked, startedAt, endedAt, args, upstream, result, error, reason, cachedFrom, tags] = more
  const steps: Step[] = []
  for (let n = 0; n < count; n++) {
    const made = at(result, n)
    steps.push({
      run: at(run, n),
      step: at(number, n),
      parent: at(parent, n),
      kind: at(kind, n),
      name: at(name, n),
      identity: at(identity, n),
      key: at(key, n),
      state: at(state, n),
      waitingFor: at(waitingFor, n),
      attempt: at(attempt, n),
      epoch: at(epoch, n),
      floor: at(floor, n),
      seq: at(seq, n),
      after: at(after, n),
      tracked: at(tracked, n),
      startedAt: at(startedAt, n),
      endedAt: at(endedAt, n),
      args: at(args, n),
      upstream: at(upstream, n),
      result: typeof made === 'string' ? { inline: made } : made,
      error: at(error, n),
      reason: at(reason, n),
      cachedFrom: at(cachedFrom, n),
      tags: at(tags, n) ?? none,
    })
  }
  return steps
}
const none: readonly string[] = Object.freeze([])

function at<T>(values: Column<T>, n: number): T {
  return Array.isArray(values) ? (values as readonly T[])[n]! : (values as T)
}
