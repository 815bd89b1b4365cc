import { type Cron, parseCron } from '../schedules/cron.ts'
import { cronTicks } from '../schedules/cron-ticks.ts'
import { zoneOf } from '../schedules/zone.ts'
import { type ConditionSpec, type Custom, mapParts, partsOf } from './condition.ts'

/** A condition made ready: equal ones are the same node, however many assets have them. */
export interface Node {
  /** The same for equal conditions, whatever their labels. */
  readonly id: string
  readonly spec: ConditionSpec
  /** The parts, in the order in which they are evaluated. */
  readonly of: readonly Node[]
  /** Does it remember something from tick to tick? Then it is evaluated at each. */
  readonly isStateful: boolean
  /** The last tick of the cron at or before a time; of `cronTickPassed`. */
  readonly lastTick: ((ms: number) => number | null) | null
}

const bySpec = new WeakMap<ConditionSpec, Node>()
const byId = new Map<string, Node>()

/** @throws SluiceError CRON_INVALID for a cron expression that cannot be read. */
export function compile(spec: ConditionSpec): Node {
  let node = bySpec.get(spec)
  if (!node) bySpec.set(spec, (node = interned(spec)))
  return node
}

function interned(spec: ConditionSpec): Node {
  const of = partsOf(spec).map(compile)
  const { label, run: _, ...unlabeled } = spec as Custom & { readonly label?: string }
  const id = JSON.stringify(
    of.length === 0 ? unlabeled : { ...mapParts(spec, () => none), label: undefined, parts: of.map((one) => one.id) },
  )
  // Labels differ where they are shown: one node for each.
  const key = `${label ?? ''} ${of.map((one) => one.spec.label ?? '').join()} ${id}`
  let node = byId.get(key)
  if (!node) {
    const isStateful =
      spec.op === 'since' ||
      spec.op === 'newlyTrue' ||
      spec.op === 'codeVersionChanged' ||
      of.some((one) => one.isStateful)
    const lastTick = spec.op === 'cronTickPassed' ? ticker(spec.cron, spec.timeZone) : null
    node = { id: shortOf(id), spec, of, isStateful: isStateful || spec.op === 'anyDownstreamConditions', lastTick }
    byId.set(key, node)
  }
  return node
}

const none: ConditionSpec = { op: 'missing' }

const shorts = new Map<string, string>()
/** Ids are compared and kept often: FNV-1a in two halves keeps them short, and they stay the same between processes. */
function shortOf(id: string): string {
  let short = shorts.get(id)
  if (short === undefined) {
    let [a, b] = [0x811c9dc5, 0x01000193]
    for (let n = 0; n < id.length; n += 1) {
      a = Math.imul(a ^ id.charCodeAt(n), 0x01000193) >>> 0
      b = Math.imul(b ^ id.charCodeAt(id.length - 1 - n), 0x85ebca6b) >>> 0
    }
    short = `${a.toString(36)}${b.toString(36)}`
    shorts.set(id, short)
  }
  return short
}

const crons = new Map<string, Cron>()

function ticker(text: string, timeZone: string): (ms: number) => number | null {
  let cron = crons.get(text)
  if (!cron) crons.set(text, (cron = parseCron(text)))
  const ticks = cronTicks(cron, zoneOf(timeZone))
  let known: { readonly from: number; readonly to: number } | undefined
  return (ms) => {
    // Many assets ask for the same moment, and moments lie close together.
    if (known && ms >= known.from && ms < known.to) return known.from
    const last = ticks.previous(ms)
    if (last !== null) known = { from: last, to: ticks.next(last) ?? Number.POSITIVE_INFINITY }
    return last
  }
}
