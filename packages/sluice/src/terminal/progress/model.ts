import { type CheckResult, type Materialization, type Step, type StepState, decode, isTerminalStep } from '@sluice/core'
import type { Change } from '@sluice/engine/store'
import { cutTo, oneLine } from '../style.ts'

/** A step that has ended, with what came out of it. */
export interface EndedStep {
  readonly step: Step
  readonly made: readonly Materialization[]
  readonly check: CheckResult | undefined
}

/** The steps of one name below one parent: how far they are. */
export interface Group {
  readonly name: string
  readonly kind: Step['kind']
  readonly running: number
  readonly ended: number
  readonly counts: Readonly<Partial<Record<StepState, number>>>
}

export interface Progress {
  /** Takes in what was committed; gives the steps that have ended with it. */
  apply(changes: readonly Change[]): readonly EndedStep[]
  /** Those that run or wait, longest first. */
  readonly open: ReadonlyMap<number, Step>
  readonly groups: ReadonlyMap<string, Group>
  readonly counts: Readonly<Partial<Record<StepState, number>>>
  /** The newest of each asset. */
  readonly made: ReadonlyMap<string, { readonly last: Materialization; readonly count: number; readonly rows: number }>
  readonly checks: { readonly passed: number; readonly failed: number }
  readonly failures: readonly Step[]
}

const KEPT_FAILURES = 100

export const groupOf = (step: Pick<Step, 'parent' | 'kind' | 'name'>): string =>
  `${step.parent} ${step.kind} ${step.name}`

interface MutableGroup {
  readonly name: string
  readonly kind: Step['kind']
  running: number
  ended: number
  readonly counts: Partial<Record<StepState, number>>
}

/** Follows a run by its changes: what takes memory is what runs, and one entry for each name. */
export function createProgress(): Progress {
  const open = new Map<number, Step>()
  const groups = new Map<string, MutableGroup>()
  const counts: Partial<Record<StepState, number>> = {}
  const made = new Map<string, { last: Materialization; count: number; rows: number }>()
  const checks = { passed: 0, failed: 0 }
  const failures: Step[] = []

  const record = (step: Step): boolean => {
    if (step.step === 0) return false
    const id = groupOf(step)
    let group = groups.get(id)
    if (!group) groups.set(id, (group = { name: step.name, kind: step.kind, running: 0, ended: 0, counts: {} }))
    const isKnown = open.has(step.step)
    if (!isTerminalStep(step.state)) {
      if (!isKnown) group.running += 1
      open.set(step.step, step)
      return false
    }
    if (isKnown) group.running -= 1
    open.delete(step.step)
    group.ended += 1
    group.counts[step.state] = (group.counts[step.state] ?? 0) + 1
    counts[step.state] = (counts[step.state] ?? 0) + 1
    if (step.state === 'failed' && failures.length < KEPT_FAILURES) failures.push(step)
    return true
  }
  const note = (one: Materialization): void => {
    const before = made.get(one.asset)
    made.delete(one.asset) // so that the last one made is last
    made.set(one.asset, { last: one, count: (before?.count ?? 0) + 1, rows: (before?.rows ?? 0) + (rowsOf(one) ?? 0) })
  }

  return {
    open,
    groups,
    counts,
    made,
    checks,
    failures,
    apply(changes) {
      const ended: Step[] = []
      let madeNow: Materialization[] | undefined
      let checkedNow: CheckResult[] | undefined
      for (const change of changes) {
        if (change.change === 'step.record') {
          if (record(change.step)) ended.push(change.step)
        } else if (change.change === 'asset.record') {
          note(change.materialization)
          ;(madeNow ??= []).push(change.materialization)
        } else if (change.change === 'check.record') {
          if (change.result.passed !== null) checks[change.result.passed ? 'passed' : 'failed'] += 1
          ;(checkedNow ??= []).push(change.result)
        }
      }
      return ended.map((step) => ({
        step,
        made: madeNow?.filter((one) => one.step === step.step) ?? [],
        check: checkedNow?.find((one) => one.step === step.step),
      }))
    },
  }
}

export function rowsOf({ value, metadata }: Materialization): number | null {
  if (value && 'rows' in value && value.rows !== null) return value.rows
  const { rows } = metadata
  return rows?.type === 'number' ? rows.value : null
}

/** `page 3`, `sales 2026-01-01`, `double(4)`: a step by what tells it from others of its name. */
export function titleOf({ name, key, args, kind }: Pick<Step, 'name' | 'key' | 'args' | 'kind'>): {
  readonly name: string
  readonly detail: string
} {
  if (key !== null) return { name, detail: oneLine(key) }
  if (args === null || (kind === 'flow' && args === '')) return { name, detail: '' }
  const text = argsText(args)
  return { name, detail: text === '' ? '' : `(${cutTo(text, 40)})` }
}

export function argsText(args: string): string {
  try {
    const value = decode(args)
    const list = Array.isArray(value) ? value : [value]
    return oneLine(list.map((one) => (typeof one === 'string' ? JSON.stringify(one) : plain(one))).join(', '))
  } catch {
    return oneLine(args)
  }
}

function plain(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value)
  )
}
