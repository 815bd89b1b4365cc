import type { RunState } from '@sluice/core'

/** What is asked of the list of runs, as its address has it. */
export interface RunsSearch {
  readonly states?: readonly RunState[]
  readonly text?: string
  readonly job?: string
  readonly asset?: string
  readonly tag?: string
  readonly owner?: string
  /** How far back: `24h`. */
  readonly since?: Span
  /** Made at or after, and before: a stretch of time, in the place of `since`. Milliseconds since 1970. */
  readonly from?: number
  readonly to?: number
}

export const spans = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 } as const
export type Span = keyof typeof spans

/** In the order of a run's life. */
export const runStates: readonly RunState[] = [
  'waiting',
  'starting',
  'running',
  'canceling',
  'succeeded',
  'failed',
  'crashed',
  'canceled',
]

/** Text of an address that says something; numbers were read as such. */
export function textIn(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined
}

const numberIn = (value: unknown): number | undefined =>
  Number.isSafeInteger(Number(value)) && value !== '' && value !== null ? Number(value) : undefined

/** Those that are there: what says nothing is left out of an address. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

/** What does not fit is left out: an old link still shows a list. */
export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const states = Array.isArray(search['states']) ? search['states'] : []
  const known = runStates.filter((state) => states.includes(state))
  const { since } = search
  return given({
    states: known.length > 0 ? known : undefined,
    text: textIn(search['text']),
    job: textIn(search['job']),
    asset: textIn(search['asset']),
    tag: textIn(search['tag']),
    owner: textIn(search['owner']),
    since: typeof since === 'string' && Object.hasOwn(spans, since) ? (since as Span) : undefined,
    from: numberIn(search['from']),
    to: numberIn(search['to']),
  })
}

export interface RunSearch {
  /** The step that is looked at; none: the run as a whole. */
  readonly step?: number
  /** How steps are shown; left out: in time. */
  readonly pane?: 'lineage'
  /** The line of the log that is pointed at. */
  readonly line?: number
  /** What is searched in the log. */
  readonly find?: string
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  return given({
    step: numberIn(search['step']),
    pane: search['pane'] === 'lineage' ? ('lineage' as const) : undefined,
    line: numberIn(search['line']),
    find: textIn(search['find']),
  })
}
