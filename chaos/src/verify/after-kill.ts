import type { Line } from '../log.ts'
import type { Scenario } from '../scenarios.ts'
import { type Row, type Snapshot, marksIn, textOf } from './snapshot.ts'

/** What is compared: the store before and now, and what programs told about themselves in between. */
export interface Compared {
  readonly scenario: Scenario
  readonly home: string
  readonly before: Snapshot
  readonly now: Snapshot
  readonly log: readonly Line[]
  /** How much of the log was there before. */
  readonly from: number
}

/** What must hold after every death, each breach as a sentence. */
export function afterKill(compared: Compared): string[] {
  return [...lost(compared), ...leaked(compared), ...unkept(compared), ...ranAgain(compared), ...misplaced(compared)]
}

const isSettled = (row: Row): boolean => row.seq !== null
const isFailed = (row: Row): boolean => row.state === 'failed' || row.state === 'upstream_failed'
const called = (row: Row): string => `step ${row.step} (${row.identity})`

/** An outcome stays as it is. Only a failure whose parent is tried again may be replaced. */
function lost({ scenario, before, now }: Compared): string[] {
  const breaches: string[] = []
  if (now.runs > 1) breaches.push('a second run began instead of the first going on')
  for (const row of before.steps.values()) {
    if (!isSettled(row) || (scenario.voids && isFailed(row))) continue
    const after = now.steps.get(row.step)
    const same =
      after &&
      (['seq', 'state', 'result', 'result_ref', 'error', 'epoch', 'attempt'] as const).every(
        (key) => after[key] === row[key],
      )
    if (!same)
      breaches.push(
        `${called(row)} was committed as ${row.state} and is ${after ? `changed (${after.state}, epoch ${after.epoch})` : 'gone'}`,
      )
  }
  for (const row of before.materializations) {
    const same = now.materializations.some(
      (one) => one.asset === row.asset && one.partition === row.partition && one.value_ref === row.value_ref,
    )
    if (!same) breaches.push(`what ${row.asset} ${row.partition} held is gone`)
  }
  return breaches
}

/** A process that was succeeded by another publishes nothing any more. */
function leaked({ before, now }: Compared): string[] {
  const epoch = before.run?.epoch ?? 0
  const breaches: string[] = []
  for (const row of now.steps.values()) {
    if (!isSettled(row) || row.epoch >= epoch) continue
    const then = before.steps.get(row.step)
    if (!then || !isSettled(then))
      breaches.push(`${called(row)} was committed by epoch ${row.epoch}, after epoch ${epoch} had begun`)
  }
  return breaches
}

/** What the flow's code got is in the store. */
function unkept({ scenario, home, now, log }: Compared): string[] {
  const kept = new Set<string>()
  for (const row of now.steps.values()) {
    for (const made of marksOf(home, row)) kept.add(made)
  }
  return log
    .filter(({ phase, made, failed }) => phase === 'got' && !(failed && scenario.voids) && !kept.has(made!))
    .map(({ made }) => `the code got ${made}, and the store does not have it`)
}

/** The marks in an outcome, its own first. */
function marksOf(home: string, row: Row): string[] {
  if (!isSettled(row)) return []
  const text = textOf(home, row.result, row.result_ref) ?? ''
  return marksIn(text.slice(0, 200) + (row.error ?? ''))
}

/** No body starts once its step's outcome is committed, and none again as an attempt whose failure is recorded. */
function ranAgain({ scenario, before, log, from }: Compared): string[] {
  const breaches: string[] = []
  for (const line of log.slice(from)) {
    if (line.phase !== 'start') continue
    const row = before.steps.get(line.step!)
    if (!row || line.epoch! <= row.epoch) continue
    if (isSettled(row) && !(scenario.voids && isFailed(row)))
      breaches.push(`${called(row)} was committed and ran again as "${line.name}"`)
    const waits =
      row.state === 'waiting' &&
      row.waiting_for !== null &&
      (JSON.parse(row.waiting_for) as { for: string }).for === 'retry'
    if (waits && line.attempt! <= row.attempt)
      breaches.push(`attempt ${line.attempt} of ${called(row)} ran again after its failure was recorded`)
  }
  const seen = new Map<string, number>()
  for (const { phase, step, epoch, attempt, name } of log) {
    if (phase !== 'start') continue
    const key = `${epoch}/${step}/${name}`
    if ((seen.get(key) ?? 0) >= attempt!)
      breaches.push(`attempt ${attempt} of step ${step} ("${name}") ran twice in epoch ${epoch}`)
    seen.set(key, attempt!)
  }
  return breaches
}

/** What is committed as an outcome was made by the attempt that it names; values are where the journal says. */
function misplaced({ home, now, log }: Compared): string[] {
  const ended = new Map(log.filter(({ phase }) => phase === 'end').map((line) => [line.made!, line]))
  const breaches: string[] = []
  for (const row of now.steps.values()) {
    if (!isSettled(row)) continue
    const text = textOf(home, row.result, row.result_ref)
    if (row.result_ref !== null && text === null)
      breaches.push(`the value of ${called(row)} is not where the journal says`)
    for (const made of row.state === 'succeeded' ? marksOf(home, row).slice(0, 1) : []) {
      const line = ended.get(made)
      const own = line && line.step === row.step && line.epoch === row.epoch && line.attempt === row.attempt
      if (!own)
        breaches.push(
          `${called(row)} holds ${made}, which its attempt ${row.attempt} of epoch ${row.epoch} did not make`,
        )
    }
  }
  for (const row of now.steps.values()) {
    const published =
      row.kind !== 'asset' || row.state !== 'succeeded' || now.materializations.some(({ step }) => step === row.step)
    if (!published) breaches.push(`${called(row)} succeeded, and what it made is not published`)
  }
  for (const one of now.materializations) {
    const text = textOf(home, null, one.value_ref)
    const made = text === null ? undefined : marksIn(text.slice(0, 200))[0]
    const line = made === undefined ? undefined : ended.get(made)
    const own = line && line.step === one.step && line.epoch === one.epoch && line.attempt === one.attempt
    if (!own)
      breaches.push(
        `${one.asset} ${one.partition} holds ${made ?? 'nothing'}, which attempt ${one.attempt} of epoch ${one.epoch} did not make`,
      )
  }
  return breaches
}
