import { type Run, type RunState, describeWaiting, isTerminalRun, reasonOf } from '@sluice/core'

type Named = Pick<Run, 'title' | 'job' | 'name' | 'target'>

/** What a run is called: by its own title, its job, or what it makes. */
export function runTitle({ title, job, name, target }: Named): string {
  if (title !== null) return title
  if (job !== null) return job
  if (!('assets' in target)) return name
  if (target.assets.length === 1) return target.assets[0]!
  return name === '*' ? 'all assets' : name
}

/** What made it: `schedule every morning`, `retry 2`, `flow sync`. */
export function causeText({ cause }: Pick<Run, 'cause'>): string {
  const { by, name, retry } = cause
  if (by === 'person') return name ?? 'by hand'
  if (by === 'backfill') return 'backfill'
  if (by === 'retry') return retry === undefined ? 'retry' : `retry ${retry}`
  return name === undefined ? by : `${by} ${name}`
}

/** The run that this one does again, whether or not it takes over something of it; `null`: none. */
export const runBefore = ({ retryOf, cause }: Pick<Run, 'retryOf' | 'cause'>): string | null =>
  retryOf ?? (cause.by === 'retry' ? (cause.name ?? null) : null)

type Lined = Pick<Run, 'error' | 'waitingFor' | 'state'>

/** One line: what broke it, or what it waits for. */
export function lineOf(run: Lined, now: number, zone: string): string {
  if (run.error) return firstLine(reasonOf(run.error).message)
  if (run.state === 'waiting' && run.waitingFor) return describeWaiting(run.waitingFor, now, zone)
  return ''
}

export const hasLine = (run: Lined): boolean => run.error !== null || (run.state === 'waiting' && !!run.waitingFor)

export const firstLine = (text: string): string => text.split('\n').find((line) => line.trim() !== '') ?? ''

export const isActive = (state: RunState): boolean => !isTerminalRun(state)
export const activeStates: readonly RunState[] = ['waiting', 'starting', 'running', 'canceling']

/** `team=data`, `urgent`. */
export const tagTexts = (tags: Run['tags']): string[] =>
  Object.entries(tags).map(([name, value]) => (value === '' ? name : `${name}=${value}`))

/** `2026-01-01`, `3 partitions`: what of its assets it makes. */
export function partitionText({ target }: Pick<Run, 'target'>): string {
  if (!('partitions' in target) || target.partitions === null) return ''
  const { length } = target.partitions
  return length === 1 ? target.partitions[0]! : `${length} partitions`
}
