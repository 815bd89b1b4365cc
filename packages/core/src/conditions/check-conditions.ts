import type { AnyAsset } from '../assets/asset.ts'
import { SluiceError, sluiceErrorOf } from '../errors/sluice-error.ts'
import { closest } from '../selection/closest.ts'
import { parseCron } from '../schedules/cron.ts'
import { zoneNamed } from '../schedules/timetable.ts'
import { parseSelection } from '../selection/parse.ts'
import { type ConditionSpec, type Custom, type CustomRun, partsOf } from './condition.ts'
import { isQuestion } from './words.ts'

/**
 * Refuses conditions that cannot be evaluated, when they are defined.
 *
 * @throws SluiceError DEFINITION_INVALID, CRON_INVALID, SELECTION_INVALID: the message says of which asset, and where in
 *   its condition.
 */
export function checkConditions(assets: ReadonlyMap<string, AnyAsset>): void {
  const customs = new Map<string, CustomRun | undefined>()
  for (const asset of assets.values()) {
    const { condition } = asset.options
    if (condition) {
      const whose = `Asset "${asset.name}"`
      checkMakes(asset, whose)
      checkParts(condition, whose, '', { assets, customs })
    }
    for (const { name, condition: own } of asset.checkList)
      if (own) checkParts(own, `Check "${name}" of asset "${asset.name}"`, '', { assets, customs })
  }
}

/** A request has to make something. */
function checkMakes({ made, options, observe }: AnyAsset, whose: string): void {
  const isMade = made === 'here' ? options.virtual !== true : observe !== undefined
  if (isMade) return
  const why = made === 'here' ? 'it holds no data' : 'something else makes it, and nothing here looks at it'
  throw new SluiceError('DEFINITION_INVALID', `${whose} has a condition, but nothing to make: ${why}.`, {
    hint: made === 'here' ? 'Leave its condition out.' : 'Give it observe, or leave its condition out.',
  })
}

interface Around {
  readonly assets: ReadonlyMap<string, AnyAsset>
  readonly customs: Map<string, CustomRun | undefined>
}

/** @param path such as `and[1].not`; empty for the condition itself. */
function checkParts(spec: ConditionSpec, whose: string, path: string, around: Around): void {
  const refuse = (why: string, hint: string): never => {
    const where = path === '' ? 'its condition' : `its condition, at ${path}`
    throw new SluiceError('DEFINITION_INVALID', `${whose}: ${where}: ${why}.`, { hint })
  }
  const op: unknown = (spec as ConditionSpec | undefined)?.op
  if (typeof op !== 'string' || !isQuestion(op))
    refuse(
      typeof op === 'string' ? `there is no "${op}"` : `this is no condition: ${shown(spec)}`,
      'Make conditions with eager(), onCron(…), onMissing() and the functions of when.',
    )
  if (spec.op === 'and' || spec.op === 'or')
    if (spec.of.length === 0) refuse(`"${spec.op}" has no parts`, 'Give it at least one.')
  if (spec.op === 'assetMatches' && !around.assets.has(spec.asset)) {
    const near = closest(spec.asset, [...around.assets.keys()])
    refuse(`there is no asset "${spec.asset}"`, near === undefined ? 'Name one of this code.' : `Did you mean ${near}?`)
  }
  if (spec.op === 'custom') checkCustom(spec, around.customs, refuse)
  if (spec.op === 'retryDue' && !(Number.isInteger(spec.max) && spec.max > 0 && spec.delay >= 0))
    refuse('max of a retry is a whole number from 1 on, and its delay not negative', 'retry: { max: 3, delay: "10m" }')
  readable(spec, whose, path)
  const parts = partsOf(spec)
  for (const [nth, part] of parts.entries()) {
    const step = spec.op === 'since' ? ['trigger', 'reset'][nth]! : parts.length > 1 ? `${op}[${nth}]` : op
    checkParts(part, whose, path === '' ? String(step) : `${path}.${step}`, around)
  }
}

const shown = (value: unknown): string => (typeof value === 'function' ? 'a function' : String(JSON.stringify(value)))

function checkCustom({ name, every, run }: Custom, customs: Around['customs'], refuse: Refuse): void {
  if (typeof run !== 'function') refuse(`"${name}" has no function`, 'when.custom(name, options, function)')
  if (every < 1000) refuse(`"${name}" is asked too often`, "every is at least '1s'.")
  const other = customs.get(name)
  if (other && other !== run) refuse(`two conditions are called "${name}"`, 'Rename one.')
  customs.set(name, run)
}
type Refuse = (why: string, hint: string) => never

/** Its cron expression and selections, whose own errors say what is wrong with them. */
function readable(spec: ConditionSpec, whose: string, path: string): void {
  try {
    if (spec.op === 'cronTickPassed') {
      zoneNamed(spec.timeZone)
      parseCron(spec.cron)
    }
    if (spec.op === 'anyDepsMatch' || spec.op === 'allDepsMatch')
      for (const selection of [spec.allowed, spec.ignored]) if (selection !== undefined) parseSelection(selection)
  } catch (error) {
    const known = sluiceErrorOf(error)
    if (!known) throw error
    const { code, message, hint } = known
    const at = path === '' ? '' : `, at ${path}`
    throw new SluiceError(code, `${whose}: its condition${at}: ${message}`, { ...(hint !== undefined && { hint }) })
  }
}
