import { type LogLine, type Run, type SluiceEvent, type Step, isTerminalStep } from '@sluice/core'
import type { Change } from '@sluice/engine/store'
import type { System } from '../../system/system.ts'

const CHUNK = 1000
/** Open steps this close to each other are asked for together. */
const TOGETHER = 200

type Made = Extract<Change, { change: 'asset.record' | 'check.record' }>

/** Follows what a run does by asking: what has changed since the last time, as the changes that were committed. */
export function openSeen(system: Pick<System, 'assets' | 'checks' | 'events' | 'logs' | 'steps' | 'why'>, run: string) {
  const open = new Map<number, Step>()
  let last = { step: 0, line: 0, event: 0, made: 0, check: 0 }
  /** What was made by steps that were not seen to end yet. */
  let early: Made[] = []
  let said = ''

  async function steps(): Promise<Step[]> {
    const changed: Step[] = []
    const see = (step: Step): void => {
      const before = open.get(step.step)
      if (isTerminalStep(step.state)) open.delete(step.step)
      else open.set(step.step, step)
      if (!before || JSON.stringify(before) !== JSON.stringify(step)) changed.push(step)
    }
    for (const { after, limit } of ranges([...open.keys()]))
      for (const step of await system.steps.list(run, { after, limit })) if (open.has(step.step)) see(step)
    for (;;) {
      const page = await system.steps.list(run, { after: last.step, limit: CHUNK })
      page.forEach(see)
      last = { ...last, step: page.at(-1)?.step ?? last.step }
      if (page.length < CHUNK) return changed
    }
  }

  /** What its steps made, as far as the events tell that there is something. */
  async function made(events: readonly SluiceEvent[]): Promise<Made[]> {
    const found: Made[] = []
    const has = (...types: readonly SluiceEvent['type'][]): boolean => events.some(({ type }) => types.includes(type))
    if (has('asset.materialized', 'asset.observed')) {
      for (
        let page;
        page === undefined || page.length === CHUNK;
        last = { ...last, made: page.at(-1)?.id ?? last.made }
      ) {
        page = await system.assets.ofRun(run, { after: last.made, limit: CHUNK })
        for (const materialization of page) found.push({ change: 'asset.record', epoch: 0, materialization })
      }
    }
    if (has('check.evaluated')) {
      const results = await system.checks.ofRun(run, { after: last.check })
      for (const result of results) found.push({ change: 'check.record', epoch: 0, result })
      last = { ...last, check: results.at(-1)?.id ?? last.check }
    }
    return found
  }

  return {
    async next(): Promise<{ readonly changes: readonly Change[]; readonly lines: readonly LogLine[] }> {
      // Steps first: what they made is committed with their end, and so is there when they are seen to have ended.
      const changed = await steps()
      const events = await pagesOf((after) => system.events.list({ run, after, limit: CHUNK }), last.event)
      last = { ...last, event: events.at(-1)?.id ?? last.event }
      const [all, lines] = await Promise.all([
        made(events),
        pagesOf((after) => system.logs.list({ run, after, limit: CHUNK }), last.line),
      ])
      last = { ...last, line: lines.at(-1)?.id ?? last.line }
      const ended = new Set(changed.filter(({ state }) => isTerminalStep(state)).map(({ step }) => step))
      const known = (one: Made): boolean =>
        !open.has(stepOf(one)) && (ended.has(stepOf(one)) || stepOf(one) <= last.step)
      const ready = [...early, ...all].filter(known)
      early = [...early, ...all].filter((one) => !known(one))
      const told = events.filter(
        ({ type }) => type === 'step.warning' || type === 'run.warning' || type === 'hook.failed',
      )
      return {
        changes: [
          ...changed.map((step) => ({ change: 'step.record', epoch: 0, step }) as const),
          ...ready,
          ...told.map((event) => ({ change: 'event.add', epoch: 0, event }) as const),
        ],
        lines,
      }
    },
    /** Says why it waits, once for each reason. */
    async waiting(now: Run, say: (text: string) => void): Promise<void> {
      const { says, notes } = await system.why(now)
      if (says === said) return
      said = says
      say([says, ...notes].join(' '))
    },
  }
}

const stepOf = (one: Made): number => ('result' in one ? one.result.step : one.materialization.step)

async function pagesOf<T extends { readonly id: number }>(
  list: (after: number) => Promise<readonly T[]>,
  from: number,
): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const page = await list(all.at(-1)?.id ?? from)
    all.push(...page)
    if (page.length < CHUNK) return all
  }
}

/** The numbers in as few ranges as that is worth. */
export function ranges(numbers: readonly number[]): { readonly after: number; readonly limit: number }[] {
  const found: { first: number; last: number }[] = []
  for (const one of numbers.toSorted((a, b) => a - b)) {
    const before = found.at(-1)
    if (before && one < before.first + TOGETHER) before.last = one
    else found.push({ first: one, last: one })
  }
  return found.map(({ first, last }) => ({ after: first - 1, limit: last - first + 1 }))
}
