import type { Step, StepState } from '@sluice/core'

/** Siblings of one name are one row from this many on. */
const many = 12

/** A line of the tree: a step, or many calls of the same. */
export type TreeRow = {
  readonly key: string
  readonly depth: number
  readonly isOpen: boolean
  readonly canOpen: boolean
} & (
  | { readonly step: Step; readonly group: null }
  | { readonly step: null; readonly group: { readonly name: string; readonly steps: readonly Step[] } }
)

/** How many there are in each state, those that matter most first. */
export function countStates(steps: readonly Pick<Step, 'state'>[]): [StepState, number][] {
  const order: StepState[] = ['failed', 'upstream_failed', 'running', 'waiting', 'canceled', 'skipped', 'succeeded']
  const counts = new Map<StepState, number>()
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1)
  return order.filter((state) => counts.has(state)).map((state) => [state, counts.get(state)!])
}

/**
 * The steps of a run as lines, children below who called them.
 *
 * @param turned Keys of lines that are not as they are by themselves: steps are open, groups are closed.
 * @param chosen A step that is shown, whatever group it is in.
 */
export function treeRows(steps: readonly Step[], turned: ReadonlySet<string>, chosen: number | undefined): TreeRow[] {
  const children = Map.groupBy(steps, ({ parent }) => parent)
  const known = new Set(steps.map(({ step }) => step))
  const above = ancestorsOf(steps, chosen)
  const rows: TreeRow[] = []
  const add = (siblings: readonly Step[], depth: number): void => {
    const byName = Map.groupBy(siblings, ({ name }) => name)
    const told = new Set<string>()
    for (const step of siblings) {
      const same = byName.get(step.name)!
      if (same.length < many) {
        addStep(step, depth)
        continue
      }
      if (told.has(step.name)) continue
      told.add(step.name)
      const key = `${step.parent} ${step.name}`
      const isOpen = turned.has(key) || same.some((one) => above.has(one.step))
      rows.push({ key, depth, isOpen, canOpen: true, step: null, group: { name: step.name, steps: same } })
      if (isOpen) for (const one of same) addStep(one, depth + 1)
    }
  }
  const addStep = (step: Step, depth: number): void => {
    const own = step.step === 0 ? [] : (children.get(step.step) ?? [])
    const key = String(step.step)
    const isOpen = !turned.has(key)
    rows.push({ key, depth, isOpen, canOpen: own.length > 0, step, group: null })
    if (isOpen) add(own, depth + 1)
  }
  // What a parent of is not here (the run itself, or a page that was not read) stands at the top.
  add(
    steps.filter(({ step, parent }) => parent === 0 || !known.has(parent) || step === 0),
    0,
  )
  return rows
}

function ancestorsOf(steps: readonly Step[], chosen: number | undefined): ReadonlySet<number> {
  const above = new Set<number>()
  if (chosen === undefined) return above
  const parents = new Map(steps.map(({ step, parent }) => [step, parent]))
  for (let one: number | undefined = chosen; one !== undefined && one > 0 && !above.has(one); one = parents.get(one))
    above.add(one)
  return above
}
