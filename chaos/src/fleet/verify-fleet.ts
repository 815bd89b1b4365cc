import { setTimeout as wait } from 'node:timers/promises'
import type { Verdict } from '../verify/after-end.ts'
import { type Fleet, type Line, patient, until } from './fleet.ts'

/** Launches so many, with a word for each: sent again after an answer that was lost, it is the same run. */
export async function launched(fleet: Fleet, target: string, count: number, from = 0, server = 0): Promise<string[]> {
  const hasCode = async (): Promise<boolean> =>
    (await fleet.client().locations.list()).locations.some(({ active }) => active !== null)
  await until('a worker has offered code', () => patient(hasCode), 20_000)
  const ids: string[] = []
  for (let nth = from; nth < from + count; nth++) {
    const body = { target, once: `${target}-${nth}` }
    ids.push((await patient(() => fleet.client((nth + server) % fleet.servers.length).runs.launch({ body }))).run.id)
  }
  return ids
}

/** Waits until all are over. @throws Error where for so long (in milliseconds) none of them ends: why the next does not. */
export async function over(fleet: Fleet, runs: readonly string[], patience = 60_000): Promise<void> {
  const left = new Set(runs)
  for (let since = performance.now(); left.size > 0; await wait(50)) {
    // Some at a time, in turn: the first of the list may be the last of the queue.
    const some = [...left].slice(0, 100)
    const found = await Promise.all(some.map((run) => patient(() => fleet.client().runs.get({ run }))))
    for (const { run } of found) {
      left.delete(run.id)
      if (run.endedAt === null) left.add(run.id)
      else since = performance.now()
    }
    if (left.size === 0 || performance.now() - since < patience) continue
    const run = [...left][0]!
    const { says, state } = await patient(() => fleet.client().runs.why({ run }))
    throw new Error(
      `In ${patience / 1000} s no run has ended. ${left.size} of ${runs.length} are left; of ${run}, ${state}: ${says}`,
    )
  }
}

/** What must hold of runs of `parts`, when all is over: what programs told against what the store says. */
export async function verified(fleet: Fleet, runs: readonly string[]): Promise<Verdict[]> {
  const log = fleet.log()
  const client = fleet.client()
  const found = await Promise.all(runs.map(async (run) => (await patient(() => client.runs.get({ run }))).run))
  const said = (what: string, breaches: readonly string[]): Verdict => ({ what, breaches })
  return [
    said(
      'every run ended well',
      found
        .filter(({ state }) => state !== 'succeeded')
        .map(({ id, state, error }) => `${id} ${state}: ${error?.message ?? ''}`),
    ),
    said('no run twice', runs.length === new Set(runs).size ? [] : ['two launches gave one run']),
    said('no committed step ran twice', ranAgain(log)),
    said('nothing that was committed is lost', [...changed(log), ...(await unstored(fleet, runs, log))]),
    said(
      'results are what the code got',
      found.flatMap(({ id, result }) => unlike(id, result, log)),
    ),
    said('no slot is leaked', await leaked(fleet)),
    said('the store', await fleet.check()),
  ]
}

/** Once the code has got an outcome it is committed, and its body starts no more. */
export function ranAgain(log: readonly Line[]): string[] {
  const committed = new Set<string>()
  const breaches: string[] = []
  for (const { run, step, phase } of log) {
    const key = `${run} step ${step}`
    if (phase === 'got') committed.add(key)
    else if (committed.has(key)) breaches.push(`${key} was committed, and ran again`)
  }
  return breaches
}

/** A replay gives what the first time gave. */
function changed(log: readonly Line[]): string[] {
  const marks = new Map<string, string>()
  return log.flatMap(({ run, step, phase, mark }) => {
    if (phase !== 'got') return []
    const key = `${run} step ${step}`
    const before = marks.get(key) ?? mark
    marks.set(key, before)
    return before === mark ? [] : [`${key} gave ${before}, and later ${mark}`]
  })
}

/** What the code has got is in the journal. */
async function unstored(fleet: Fleet, runs: readonly string[], log: readonly Line[]): Promise<string[]> {
  const breaches: string[] = []
  const got = Map.groupBy(
    log.filter(({ phase }) => phase === 'got'),
    ({ run }) => run,
  )
  for (const run of runs) {
    if (!got.has(run)) continue
    const { steps } = await patient(() => fleet.client().runs.steps({ run, limit: 5000 }))
    const kept = new Set(steps.map(({ result }) => (result as { inline?: string } | null)?.inline))
    for (const { step, mark } of got.get(run)!)
      if (!kept.has(JSON.stringify(mark)))
        breaches.push(`${run} step ${step} gave ${mark}, which is not in the journal`)
  }
  return breaches
}

function unlike(run: string, result: unknown, log: readonly Line[]): string[] {
  const inline = (result as { inline?: string } | null)?.inline
  if (inline === undefined) return []
  const marks = new Map(
    log.flatMap((line) => (line.run === run && line.phase === 'got' ? [[line.step, line.mark]] : [])),
  )
  const got = JSON.stringify([...marks].toSorted(([a], [b]) => a - b).map(([, mark]) => mark))
  return marks.size === 0 || got === inline ? [] : [`${run} gave ${inline}, and its code got ${got}`]
}

/** Slots are given back with the run that held them. */
async function leaked(fleet: Fleet): Promise<string[]> {
  try {
    await until('all slots are free', async () => (await heldNow(fleet)).length === 0, 5_000)
    return []
  } catch {
    return await heldNow(fleet)
  }
}

async function heldNow(fleet: Fleet): Promise<string[]> {
  const { pools } = await patient(() => fleet.client().queue.pools({ limit: 1000 }))
  const { limits } = await patient(() => fleet.client().queue.limits({ limit: 1000 }))
  return [...pools.map(({ pool, held }) => ({ name: `the pool ${pool}`, held })), ...limits]
    .filter(({ held }) => held > 0)
    .map(({ name, held }) => `${held} slots of ${name} are held by nobody`)
}

/** Those that were well all the time went on where they were: under their first epoch. */
export async function notFenced(fleet: Fleet, runs: readonly string[]): Promise<Verdict> {
  const breaches: string[] = []
  for (const run of runs) {
    const { epoch } = (await patient(() => fleet.client().runs.get({ run }))).run
    if (epoch !== 1) breaches.push(`${run} was taken from its worker: epoch ${epoch}`)
  }
  return { what: 'nobody was taken for dead', breaches }
}
