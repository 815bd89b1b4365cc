import type { Run } from '@sluice/core'
import { crashPoint, type Change, type Committed, type DropCode, type Together } from '@sluice/engine/store'
import { applyAlertChange } from './alerts/alert-store.ts'
import { recordAsset } from './assets/asset-store.ts'
import { failSlice } from './assets/slice-store.ts'
import { renameAsset, wipeAsset } from './assets/wipe.ts'
import { applyBackfillChange } from './backfills/backfill-store.ts'
import { putBlob, removeBlobs } from './blobs/blob-store.ts'
import { putCache } from './cache/cache-store.ts'
import { recordCheck } from './checks/check-store.ts'
import { applyConditionChange } from './conditions/condition-store.ts'
import { moveCursor } from './events/cursor-store.ts'
import { isNewDelivery } from './events/deliveries.ts'
import { addEvent } from './events/event-store.ts'
import { acknowledge } from './failures/failure-store.ts'
import { forgetHistory, forgetRun } from './history/history-store.ts'
import { freeSlot, freeSlots, takeForStep } from './limits/slot-store.ts'
import { applyLocationChange } from './locations/location-store.ts'
import { addLines } from './logs/log-store.ts'
import { addKeys, removeKeys } from './partitions/partition-store.ts'
import { makeDue } from './queue/queue-store.ts'
import { moveFreshness } from './freshness/freshness-store.ts'
import { Fences } from './runs/fences.ts'
import { applyRunChange, createRuns } from './runs/run-store.ts'
import { applyScheduleChange, decideAll } from './schedules/schedule-store.ts'
import { applySensorChange } from './sensors/sensor-store.ts'
import type { Session } from './session.ts'
import { adoptSteps } from './steps/adopt.ts'
import { recordSteps } from './steps/step-store.ts'
import { dropValues } from './values/value-store.ts'
import { heldBy, joinWorker, removeWorker, renewWorker, tellLost } from './workers/worker-store.ts'

type StepRecord = Extract<Change, { change: 'step.record' }>
const ok: Committed = Object.freeze({ ok: true })

/** Applies a batch inside a transaction that is open: one answer for each item, in order. */
export async function applyBatch(session: Session, items: readonly (Change | Together)[]): Promise<Committed[]> {
  const fences = new Fences(session)
  await fences.load(runsOf(items, (change) => change.change !== 'run.create'))
  const answers: Committed[] = []
  for (let at = 0; at < items.length;) {
    const item = items[at]!
    if (!isTogether(item) && item.change === 'step.record') {
      const steps = stepsFrom(items, at)
      answers.push(...(await applySteps(session, fences, steps)))
      at += steps.length
    } else if (isDecision(item)) {
      const decisions = decisionsFrom(items, at)
      answers.push(...(await applyDecisions(session, fences, decisions)))
      at += decisions.length
    } else if (isPlain(item)) {
      const runs = runsFrom(items, at)
      await makeRuns(session, fences, runs)
      for (const _ of runs) answers.push(ok)
      at += runs.length
    } else {
      answers.push(
        answer(isTogether(item) ? await applyTogether(session, fences, item) : await apply(session, fences, item)),
      )
      at += 1
    }
  }
  return answers
}

const isTogether = (item: Change | Together): item is Together => Array.isArray(item)
const answer = (code: DropCode | null): Committed => (code === null ? ok : { ok: false, code })

/** The runs that a batch writes to, in the order of their ids: two batches that lock them cannot wait for each other. */
function runsOf(items: readonly (Change | Together)[], which: (change: Change) => boolean = () => true): string[] {
  const runs = new Set<string>()
  const add = (change: Change) => {
    const run = which(change) ? runOf(change) : null
    if (run !== null) runs.add(run)
  }
  for (const item of items) isTogether(item) ? item.forEach(add) : add(item)
  return runs.size < 2 ? [...runs] : [...runs].toSorted()
}

function runOf(change: Change): string | null {
  switch (change.change) {
    case 'run.create':
      return change.run.id
    case 'step.record':
      return change.step.run
    case 'asset.record':
      return change.materialization.run
    case 'check.record':
      return change.result.run
    case 'event.add':
      return change.event.run
    default:
      return 'run' in change ? change.run : null
  }
}

/** The steps that follow each other from here on: by far the most common change, applied many at a time. */
function stepsFrom(items: readonly (Change | Together)[], from: number): StepRecord[] {
  const steps: StepRecord[] = []
  for (let at = from; at < items.length; at++) {
    const item = items[at]!
    if (isTogether(item) || item.change !== 'step.record') break
    steps.push(item)
  }
  return steps
}

/** A run that cannot be refused: it has no word of which there may be one. */
type RunCreate = Extract<Change, { change: 'run.create' }>
const isPlain = (item: Change | Together): item is RunCreate =>
  !isTogether(item) && item.change === 'run.create' && !item.once

/** The runs that are created from here on. */
function runsFrom(changes: readonly (Change | Together)[], from: number): Run[] {
  const rest = changes.slice(from)
  const end = rest.findIndex((change) => !isPlain(change))
  return rest.slice(0, end === -1 ? rest.length : end).map((change) => (change as RunCreate).run)
}

async function makeRuns(session: Session, fences: Fences, runs: readonly Run[]): Promise<null> {
  const made = await createRuns(session, runs)
  for (const { id, epoch, state } of made) fences.made({ id, epoch, state })
  await fences.load(runs.flatMap(({ id }) => (fences.head(id) ? [] : [id]))) // sent again
  return null
}

/** A schedule's ticks, and the runs of them. */
type Decision = readonly [Extract<Change, { change: 'schedule.decide' }>, ...RunCreate[]]

const isDecision = (item: Change | Together): item is Decision =>
  isTogether(item) && item[0]?.change === 'schedule.decide' && item.every((change, nth) => nth === 0 || isPlain(change))

/** The decisions that follow each other from here on: of thousands that are due at once, many are applied at a time. */
function decisionsFrom(items: readonly (Change | Together)[], from: number): Decision[] {
  const decisions: Decision[] = []
  for (let at = from; at < items.length; at++) {
    const item = items[at]!
    if (!isDecision(item)) break
    decisions.push(item)
  }
  return decisions
}

async function applyDecisions(session: Session, fences: Fences, decisions: readonly Decision[]): Promise<Committed[]> {
  const codes = await decideAll(
    session,
    decisions.map(([decide]) => decide),
  )
  const runs = decisions.flatMap(([, ...creates], nth) => (codes[nth] === null ? creates.map(({ run }) => run) : []))
  await makeRuns(session, fences, runs)
  return codes.map(answer)
}

async function applySteps(session: Session, fences: Fences, changes: readonly StepRecord[]): Promise<Committed[]> {
  const answers: Committed[] = changes.map(({ step, epoch }) => answer(fences.refuse(step.run, epoch)))
  const passed = changes.flatMap((_, index) => (answers[index]!.ok ? [index] : []))
  const codes = await recordSteps(
    session,
    passed.map((index) => changes[index]!.step),
  )
  for (const [nth, index] of passed.entries()) {
    if (codes[nth] !== null) answers[index] = answer(codes[nth]!)
  }
  return answers
}

/** All or nothing; the reason of the first that was refused. */
async function applyTogether(session: Session, fences: Fences, changes: Together): Promise<DropCode | null> {
  const refused = await session.attempt(async () => {
    for (let at = 0; at < changes.length;) {
      const runs = runsFrom(changes, at)
      const code = runs.length > 0 ? await makeRuns(session, fences, runs) : await apply(session, fences, changes[at]!)
      if (code !== null) return code
      at += runs.length || 1
    }
    return null
  })
  if (refused !== null) await fences.load(runsOf(changes))
  return refused
}

async function apply(session: Session, fences: Fences, change: Change): Promise<DropCode | null> {
  switch (change.change) {
    case 'run.create':
    case 'run.deliver':
    case 'queue.wait':
    case 'run.claim':
    case 'run.end':
    case 'run.requeue':
    case 'run.cancel': {
      const refused = await applyRunChange(session, fences, change)
      await fences.load(runsOf([change]))
      return refused
    }
    case 'partitions.add':
      await addKeys(session, change.name, change.keys, change.at)
      return null
    case 'partitions.remove':
      await removeKeys(session, change.name, change.keys)
      return null
    case 'asset.wipe':
      await wipeAsset(session, change)
      return null
    case 'asset.rename':
      return renameAsset(session, change)
    case 'values.dropped':
      await dropValues(session, change)
      return null
    case 'history.forget':
      await forgetHistory(session, change)
      return null
    case 'run.forget': {
      const refused = await forgetRun(session, fences, change)
      await fences.load([change.run])
      return refused
    }
    case 'blob.put':
      await putBlob(session, change)
      return null
    case 'blob.remove':
      await removeBlobs(session, change.refs)
      return null
    case 'queue.due':
      await makeDue(session, change.at)
      return null
    case 'worker.join':
      await joinWorker(session, change)
      return null
    case 'worker.renew':
      return renewWorker(session, change)
    case 'worker.log':
      await addLines(session, `@${change.name}`, change.lines)
      return null
    case 'worker.leave':
      return applyLeave(session, fences, change)
    case 'schedule.put':
    case 'schedule.remove':
    case 'schedule.pause':
    case 'schedule.decide':
      return applyScheduleChange(session, change)
    case 'sensor.put':
    case 'sensor.remove':
    case 'sensor.pause':
    case 'sensor.lease':
    case 'sensor.decide':
      return applySensorChange(session, change)
    case 'freshness.move':
      return moveFreshness(session, change)
    case 'conditions.decide':
    case 'conditions.pause':
      return applyConditionChange(session, change)
    case 'backfill.create':
    case 'backfill.decide':
      return applyBackfillChange(session, change)
    case 'location.register':
    case 'location.activate':
    case 'location.problem':
      return applyLocationChange(session, change)
    case 'cursor.move':
      return moveCursor(session, change)
    case 'failure.acknowledge':
      await acknowledge(session, change)
      return null
    case 'alert.add':
    case 'alert.take':
    case 'alert.decide':
      return applyAlertChange(session, change)
    default:
      return applyFenced(session, fences, change)
  }
}

/** What a worker held goes back to the queue, in the transaction that ends its session. */
async function applyLeave(
  session: Session,
  fences: Fences,
  change: Extract<Change, { change: 'worker.leave' }>,
): Promise<DropCode | null> {
  const worker = await removeWorker(session, change)
  if (!worker) return 'WORKER_UNKNOWN'
  const held = await heldBy(session, change.worker)
  if (change.expired) await tellLost(session, worker, held, change.at)
  await fences.load(held.map(({ id }) => id))
  for (const { id: run, epoch } of held) {
    await applyRunChange(session, fences, { change: 'run.requeue', run, epoch, until: null, at: change.at })
  }
  return null
}

/** Written by whoever holds the run, and nobody else. */
type Fenced = Extract<
  Change,
  {
    change:
      | 'run.adopt'
      | 'step.record'
      | 'asset.record'
      | 'asset.fail'
      | 'check.record'
      | 'cache.put'
      | 'log.add'
      | 'event.add'
      | 'slot.take'
      | 'slot.free'
  }
>

async function applyFenced(session: Session, fences: Fences, change: Fenced): Promise<DropCode | null> {
  const run = runOf(change)
  const refused = run === null ? null : fences.refuse(run, change.epoch)
  // What the holder still has to say when its run has ended (a hook that failed) is kept.
  const isWord = change.change === 'log.add' || change.change === 'event.add'
  if (refused !== null && !(isWord && refused === 'RUN_ENDED')) return refused
  switch (change.change) {
    case 'step.record':
      return (await recordSteps(session, [change.step]))[0]!
    case 'run.adopt':
      await adoptSteps(session, change)
      crashPoint('run-adopted')
      break
    case 'slot.take':
      return takeForStep(session, change)
    case 'slot.free':
      if (change.limit) await freeSlot(session, change, change.limit)
      else await freeSlots(session, change.run, change.step)
      break
    case 'asset.record':
      await recordAsset(session, change.materialization, change.epoch)
      break
    case 'asset.fail':
      await failSlice(session, change)
      break
    case 'check.record':
      await recordCheck(session, change.result, change.epoch)
      break
    case 'cache.put':
      await putCache(session, change)
      break
    case 'log.add':
      if (await isNewDelivery(session, change.run, change.epoch, change.once))
        await addLines(session, change.run, change.lines)
      break
    case 'event.add':
      if (await isNewDelivery(session, run ?? '', change.epoch, change.once)) await addEvent(session, change.event)
      break
  }
  return null
}
