import type { Node } from './compile.ts'
import { type ConditionSpec, partsOf } from './condition.ts'
import type { Entity } from './graph.ts'

/**
 * The conditions of the assets below, each once, and in place of a condition that asks the same question, of those below
 * it in turn. Those that are being evaluated already are left out: no condition goes round in a circle.
 */
export function downstreamConditions(entity: Entity, path: readonly Node[]): readonly ConditionSpec[] {
  const found = new Map<string, ConditionSpec>()
  const seen = new Set<Entity>([entity])
  const queue = [...entity.dependents]
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (seen.has(next)) continue
    seen.add(next)
    const { condition } = next
    if (condition && asksBelow(condition)) queue.push(...next.dependents)
    const stripped = condition && strip(condition)
    if (stripped) found.set(JSON.stringify(stripped), stripped)
  }
  const running = new Set(path.map((node) => JSON.stringify(node.spec)))
  return [...found].filter(([text]) => !running.has(text)).map(([, spec]) => spec)
}

const asksBelow = (spec: ConditionSpec): boolean =>
  spec.op === 'anyDownstreamConditions' || partsOf(spec).some(asksBelow)

/** As if the question itself were never true; a labeled condition is kept whole. */
function strip(spec: ConditionSpec): ConditionSpec | null {
  if (spec.label !== undefined) return spec
  if (spec.op === 'anyDownstreamConditions') return null
  if (spec.op !== 'and' && spec.op !== 'or') return spec
  const of = spec.of.map(strip)
  const kept = of.filter((one) => one !== null)
  if (kept.length === spec.of.length) return spec
  if (spec.op === 'and' || kept.length === 0) return null
  return kept.length === 1 ? kept[0]! : { ...spec, of: kept }
}
