import { type Run, type Step, type WaitingFor, describeWaiting, isTerminalRun } from '@sluice/core'
import type { Store } from '../store/ports.ts'

export interface Why {
  /** In a sentence. */
  readonly says: string
  /** How many runs of its pool come first; 10,000 stands for more. `null` where it does not stand in the queue. */
  readonly ahead: number | null
  readonly steps: readonly { step: number; name: string; says: string; waitingFor: WaitingFor }[]
  /** More sentences: who holds what it waits for and since when, what is ahead, what is missing. */
  readonly notes: readonly string[]
}

type Reads = Pick<Store, 'queue' | 'slots' | 'workers' | 'locations' | 'steps'>

/** Holders that are named. */
const named = 5

/** Why a run waits: what was recorded when that was decided, and what stands before it now. */
export async function whyRun(store: Reads, run: Run, now: number, timeZone = 'UTC'): Promise<Why> {
  const isWaiting = run.state === 'waiting'
  const ahead = isWaiting ? await store.queue.ahead(run.id) : null
  const steps = isTerminalRun(run.state) ? [] : await waitingSteps(store, run, now, timeZone)
  const notes = isWaiting
    ? [...retryNotes(run), ...(await turnNotes(store, run)), ...(await placeNotes(store, run, ahead))]
    : []
  return { says: sentence(run, steps, now, timeZone), ahead, steps, notes }
}

function sentence(run: Run, steps: Why['steps'], now: number, timeZone: string): string {
  switch (run.state) {
    case 'waiting':
      return `It is ${run.waitingFor ? describeWaiting(run.waitingFor, now, timeZone) : 'queued'}.`
    case 'starting':
      return 'It was handed to its pool, and a worker takes it now.'
    case 'running':
      return steps.length === 0
        ? 'It runs.'
        : `It runs; ${steps.length === 1 ? 'one step waits' : `${steps.length} steps wait`}: ${steps[0]!.name} is ${steps[0]!.says}.`
    case 'canceling':
      return 'It was asked to stop, and stops.'
    case 'crashed':
      return `It crashed and waits for nobody: sluice runs resume ${run.id} goes on.`
    default:
      return `It is over: ${run.state}.`
  }
}

/** Of one that nobody had to ask for. */
function retryNotes({ cause, waitingFor, terms }: Run): string[] {
  if (cause.retry === undefined) return []
  const at = waitingFor?.for === 'retry' ? ` It goes on at ${iso(waitingFor.until)}.` : ''
  return [`It is retry ${cause.retry} of ${terms?.runRetries?.max ?? cause.retry}, of the run ${cause.name}.${at}`]
}

/** Of a limit: since when, who holds it and since when, how many wait, when the next goes through. */
async function turnNotes(store: Reads, { waitingFor }: Run): Promise<string[]> {
  if (waitingFor?.for !== 'turn') return []
  const { limit: name, key = null, since, until } = waitingFor
  const notes = since === undefined ? [] : [`It was refused at ${iso(since)}.`]
  // One more than is named.
  const held = await store.slots.held({ name, key, limit: named + 1 })
  // What was recorded, where it is free again and the run only has not been looked at since.
  const holders =
    held.length > 0 ? held.map((one) => `${one.run} since ${iso(one.takenAt)}`) : (waitingFor.holders ?? [])
  if (holders.length > 0) notes.push(`Held by ${someOf(holders)}.`)
  const waiting = (await store.slots.summary()).find((one) => one.name === name && one.key === key)?.waiting ?? 0
  if (waiting > 1) notes.push(`${waiting} runs and steps wait for it.`)
  if (until !== undefined) notes.push(`The next one goes through at ${iso(until)}.`)
  return notes
}

/** Of its pool and its code: whether anybody could execute it, and what comes before it. */
async function placeNotes(store: Reads, run: Run, ahead: number | null): Promise<string[]> {
  if (!run.terms) return []
  const { pool, location } = run.terms
  const workers = (await store.workers.list()).filter((worker) => worker.pool === pool && !worker.draining)
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0)
  const notes: string[] = []
  if (slots === 0) notes.push(`No worker of the pool "${pool}" is connected: sluice worker --pool ${pool} starts one.`)
  else {
    const holders = await store.slots.held({ name: `pool:${pool}`, limit: 1000 })
    const by = holders.length === 0 ? '' : ` (by ${someOf(holders.map((one) => one.run))})`
    notes.push(`The pool "${pool}" has ${slots} slots, ${holders.length} of them taken${by}.`)
    const version = await wantedVersion(store, run)
    if (version === null) notes.push(`No code of "${location}" is active: sluice deploy brings some.`)
    else if (!workers.some(({ versions }) => versions[location]?.includes(version)))
      notes.push(
        `None of its workers has the code ${version.slice(0, 12)} of "${location}": one that fetches what was deployed, or has it in its image, takes the run.`,
        ...(await problemNotes(store, location)),
      )
  }
  if (ahead !== null && ahead > 0)
    notes.push(
      `${ahead >= 10_000 ? '10,000 or more' : ahead} ${ahead === 1 ? 'run of the pool comes' : 'runs of the pool come'} first.`,
    )
  return notes
}

/** Workers may have tried. */
async function problemNotes(store: Reads, location: string): Promise<string[]> {
  const problem = (await store.locations.list()).find(({ name }) => name === location)?.problem
  return problem ? [`It could not be loaded at ${iso(problem.at)}: ${problem.message}`] : []
}

/** The code that it was seen to wait for, or will be executed with. */
async function wantedVersion(store: Reads, { waitingFor, codeVersion, terms }: Run): Promise<string | null> {
  if (waitingFor?.for === 'worker' && waitingFor.version !== undefined) return waitingFor.version
  const active = (await store.locations.list()).find(({ name }) => name === terms!.location)?.active ?? null
  return terms!.onCodeChange === 'wait' ? (codeVersion ?? active) : active
}

async function waitingSteps(store: Reads, run: Run, now: number, timeZone: string): Promise<Why['steps']> {
  const waiting: Step[] = []
  for (let after = 0; ;) {
    const page = await store.steps.list(run.id, { after, limit: 5000 })
    waiting.push(...page.filter(({ state }) => state === 'waiting'))
    const last = page.at(-1)
    if (!last || page.length < 5000 || waiting.length >= 100) break
    after = last.step
  }
  return waiting
    .slice(0, 100)
    .flatMap(({ step, name, waitingFor }) =>
      waitingFor ? [{ step, name, waitingFor, says: saysOf(waitingFor, now, timeZone) }] : [],
    )
}

function saysOf(waitingFor: WaitingFor, now: number, timeZone: string): string {
  const says = describeWaiting(waitingFor, now, timeZone)
  const holders = (waitingFor.for === 'turn' && waitingFor.holders) || []
  return holders.length === 0 ? says : `${says}, held by ${holders.join(', ')}`
}

const someOf = (all: readonly string[]): string =>
  all.length > named ? `${all.slice(0, named).join(', ')} and more` : all.join(', ')

const iso = (ms: number): string => new Date(ms).toISOString()
