import {
  type ConditionSpec,
  type TickState,
  condition,
  conditionGraph,
  eager,
  evaluateConditions,
  keysIn,
  onCron,
  onMissing,
  when,
} from '@sluice/core'
import type { Evaluator, Input } from './shapes.ts'
import { factsOf } from './facts.ts'
import { slicesOf } from './slices.ts'
import { type NodeCase, World } from './world.ts'

interface Step {
  readonly at: string
  readonly events?: readonly Input[]
  readonly tick?: boolean
}
interface Requested {
  readonly at: string
  readonly requested: Readonly<Record<string, readonly (string | null)[]>>
}

/** Dagster's compositions of the same questions, to the letter: what the ready-made ones were before they were mended. */
const originals = {
  eager: (): ConditionSpec =>
    when
      .inLatestTimeWindow()
      .and(
        when.newlyMissing().or(when.anyDepsUpdated()).sinceLastHandled(),
        when.anyDepsMissing().not(),
        when.anyDepsInProgress().not(),
        when.inProgress().not(),
      ),
  onMissing: (): ConditionSpec =>
    when
      .inLatestTimeWindow()
      .and(
        when.missing().newlyTrue().sinceLastHandled().labeled('missingSinceLastHandled'),
        when.anyDepsMissing().not(),
      ),
}
const mended = { eager: (): ConditionSpec => eager(), onMissing: (): ConditionSpec => onMissing() }

export const automation: Evaluator = {
  answer: (input) => run(input, mended),
  agrees: (got, expected) => same(got) === same(expected),
  // The same questions, put together as Dagster does, give Dagster's answer: what differs is what was mended.
  different: ({ input, expected }) =>
    same(run(input, originals)) === same(expected) ? 'Ready-made conditions lose nothing' : undefined,
}

const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1)

function same(value: unknown): string {
  return JSON.stringify(
    (value as readonly Requested[]).map(({ at, requested }) => [
      Date.parse(at),
      Object.entries(requested)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, slices]) => [key, slices.toSorted(byText)]),
    ]),
  )
}

function run(input: Input, ready: typeof mended): readonly Requested[] {
  const world = new World(input['graph'] as readonly NodeCase[])
  const answers: Requested[] = []
  let state: TickState | null = null
  let seq = 0
  let last: (readonly [string, string | null])[] = []
  for (const { at, events = [], tick } of input['timeline'] as readonly Step[]) {
    const ms = Date.parse(at)
    for (const event of events) {
      const keysAt = world.keysAt(at)
      const graph = conditionGraph(world.assets((given) => conditionOf(given, ready)))
      world.upstreamSlices = slicesOf(graph, keysAt)
      world.apply(event, ms, last)
    }
    if (!tick) continue
    const keysAt = world.keysAt(at)
    const graph = conditionGraph(world.assets((given) => conditionOf(given, ready)))
    const facts = factsOf(world, graph, keysAt, seq, state?.at ?? null)
    const result = evaluateConditions({ graph, keysAt, facts, before: state })
    seq = world.seq
    state = result.state
    last = []
    const requested: Record<string, readonly (string | null)[]> = {}
    for (const [entity, set] of result.requested) {
      requested[entity.id] = [...keysIn(graph.domain(entity, keysAt), set)]
      if (!entity.check) for (const key of requested[entity.id]!) last.push([entity.id, key])
    }
    answers.push({ at, requested })
  }
  return answers
}

type Given = Readonly<Record<string, never>> & { readonly op: string }

const leaves: Readonly<Record<string, () => ConditionSpec>> = {
  missing: when.missing,
  newly_missing: when.newlyMissing,
  newly_updated: when.newlyUpdated,
  newly_requested: when.newlyRequested,
  will_be_requested: when.willBeRequested,
  run_in_progress: when.runInProgress,
  backfill_in_progress: when.backfillInProgress,
  in_progress: when.inProgress,
  execution_failed: when.executionFailed,
  initial_evaluation: when.initialEvaluation,
  in_latest_time_window: () => when.inLatestTimeWindow(),
  code_version_changed: when.codeVersionChanged,
  data_version_changed: when.dataVersionChanged,
  check_passed: when.checkPassed,
  check_failed: when.checkFailed,
  any_deps_updated: when.anyDepsUpdated,
  any_deps_missing: when.anyDepsMissing,
  any_deps_in_progress: when.anyDepsInProgress,
  all_deps_blocking_checks_passed: when.allDepsBlockingChecksPassed,
  executed_with_root_target: when.executedWithRootTarget,
  any_downstream_conditions: when.anyDownstreamConditions,
}

const labels: Readonly<Record<string, string>> = {
  newly_missing: 'newlyMissing',
  in_progress: 'inProgress',
  any_deps_updated: 'anyDepsUpdated',
  any_deps_missing: 'anyDepsMissing',
  any_deps_in_progress: 'anyDepsInProgress',
  handled: 'handled',
  missing_since_last_handled: 'missingSinceLastHandled',
  newly_updated_without_root: 'newlyUpdatedWithoutRoot',
}

function conditionOf(given: unknown, ready: typeof mended): ConditionSpec {
  if (typeof given === 'string') {
    if (given === 'eager') return ready.eager()
    if (given === 'on_missing') return ready.onMissing()
    const leaf = leaves[given]
    if (!leaf) throw new Error(`No such condition: ${given}`)
    return leaf()
  }
  const one = given as Given
  const read = (part: unknown): ConditionSpec => conditionOf(part, ready)
  const selection = (what: 'allow' | 'ignore'): string | undefined =>
    (one[what] as readonly string[] | undefined)?.map((key) => `key:"${key}"`).join(' or ')
  const [allow, ignore] = [selection('allow'), selection('ignore')]
  const restrict = (made: ReturnType<typeof condition>): ConditionSpec => {
    const allowed = allow === undefined ? made : made.allow(allow)
    return ignore === undefined ? allowed : allowed.ignore(ignore)
  }
  const timeZone = (one['tz'] as string | undefined) ?? 'UTC'
  switch (one.op) {
    case 'and':
      return restrict(when.all(...(one['of'] as unknown as unknown[]).map(read)))
    case 'or':
      return restrict(when.any(...(one['of'] as unknown as unknown[]).map(read)))
    case 'not':
      return when.not(read(one['of']))
    case 'since':
      return { op: 'since', trigger: read(one['trigger']), reset: read(one['reset']) }
    case 'newly_true':
      return { op: 'newlyTrue', of: read(one['of']) }
    case 'since_last_handled':
      return condition(read(one['of'])).sinceLastHandled()
    case 'any_deps_match':
    case 'all_deps_match': {
      const options = { ...(allow !== undefined && { allow }), ...(ignore !== undefined && { ignore }) }
      return one.op === 'any_deps_match'
        ? when.anyDepsMatch(read(one['of']), options)
        : when.allDepsMatch(read(one['of']), options)
    }
    case 'any_checks_match':
      return when.anyChecksMatch(read(one['of']), { blockingOnly: one['blocking_only'] ?? false })
    case 'all_checks_match':
      return when.allChecksMatch(read(one['of']), { blockingOnly: one['blocking_only'] ?? false })
    case 'in_latest_time_window':
      return when.inLatestTimeWindow(
        one['lookback_hours'] === undefined ? undefined : `${one['lookback_hours'] as number}h`,
      )
    case 'on_cron':
      return onCron(one['cron']!, { timeZone })
    case 'cron_tick_passed':
      return when.cronTickPassed(one['cron']!, timeZone)
    case 'all_deps_updated_since_cron':
      return when.allDepsUpdatedSinceCron(one['cron']!, timeZone)
    case 'asset_matches':
      return when.assetMatches(one['key']!, read(one['of']))
    case 'without': {
      return condition(read(one['of'])).without(read(one['remove']))
    }
    case 'replace': {
      const old: unknown = one['old']
      const named = typeof old === 'string' ? (labels[old] ?? old) : read(old)
      const meant = typeof named === 'string' && leaves[named] ? leaves[named]() : named
      return condition(read(one['of'])).replace(meant, read(one['new']))
    }
    default:
      throw new Error(`No such condition: ${one.op}`)
  }
}
