import type { ConditionSaid, ReportedAsset, Requested, RequestedRun } from '@sluice/api/workers'
import {
  type Definitions,
  type JobDefinition,
  type Report,
  type RunRequest,
  SluiceError,
  askCustom,
  collect,
  decode,
  encode,
  evaluateOnce,
  evaluateTick,
  isSkipped,
  resolveTarget,
  targetName,
  toMetadata,
} from '@sluice/core'
import type { ConditionRequest, LookRequest, TickRequest } from '../messages.ts'
import { collectingKeys } from './collecting-keys.ts'
import type { Program } from './host.ts'
import { prepare } from './prepare.ts'

/** Asks a schedule or a sensor what it launches. Nothing is launched or stored here. */
export async function evaluate(program: Program, request: TickRequest | LookRequest): Promise<Requested> {
  const definitions = collect(program.exports)
  return request.request === 'tick' ? tick(definitions, request) : look(definitions, request)
}

/** Asks a custom condition about each of the assets, one after the other. */
export async function sayOf(program: Program, request: ConditionRequest): Promise<ConditionSaid> {
  const { assets } = collect(program.exports)
  const signal = AbortSignal.timeout(request.within)
  const now = Temporal.Instant.fromEpochMilliseconds(request.now)
  const said: (boolean | readonly string[])[] = []
  for (const asset of request.assets)
    said.push(await askCustom(assets.values(), request.condition, { asset, now, signal }))
  return said
}

async function tick(definitions: Definitions, request: TickRequest): Promise<Requested> {
  const schedule = definitions.schedules.get(request.schedule)
  if (!schedule) throw unknown('schedule', request.schedule, definitions.schedules)
  const asked = await evaluateTick(schedule, {
    scheduledFor: Temporal.Instant.fromEpochMilliseconds(request.scheduledFor),
    timeZone: request.timeZone,
  })
  if (isSkipped(asked)) return { skipped: asked.skipped }
  const target = targetName(schedule.options.target)
  const runs: RequestedRun[] = []
  for (const one of asked.runs) runs.push(await requested(definitions, target, one))
  return { runs }
}

async function look(definitions: Definitions, request: LookRequest): Promise<Requested> {
  const sensor = definitions.sensors.get(request.sensor)
  if (!sensor) throw unknown('sensor', request.sensor, definitions.sensors)
  const { result: seen, keys } = await collectingKeys(request.keys, () =>
    evaluateOnce(sensor, {
      cursor: request.cursor === null ? undefined : decode(request.cursor),
      signal: AbortSignal.timeout(request.within),
      events: request.events,
    }),
  )
  const changed = keys.length > 0 ? { keys } : {}
  if (isSkipped(seen)) return { skipped: seen.skipped, ...changed }
  const runs: RequestedRun[] = []
  for (const { target, request: one } of seen.runs) runs.push(await requested(definitions, target, one))
  return {
    runs,
    ...changed,
    ...(seen.reports.length > 0 && { reports: seen.reports.map((one) => reported(definitions, one)) }),
    ...(seen.cursor !== undefined && { cursor: encode(seen.cursor, { code: 'RESULT_NOT_STORABLE' }) }),
  }
}

/** With its title and limits, which only the code can say. */
async function requested(
  definitions: Definitions,
  target: string,
  { params, once, tags = {}, partition }: RunRequest<unknown>,
): Promise<RequestedRun> {
  const ready = await readyRun(definitions, target, params)
  return {
    target,
    params: ready?.params ?? (params === undefined ? null : encode(params, { code: 'ARGUMENT_NOT_STORABLE' })),
    title: ready?.title ?? null,
    limits: ready?.limits ?? null,
    once: once ?? null,
    tags: { ...ready?.tags, ...tags },
    partition: partition ?? null,
  }
}

/** What a launch of a flow or a task with these params is; `null` for assets, which take none. */
export async function readyRun(definitions: Definitions, target: string, params: unknown) {
  const { jobs, flows, tasks } = definitions
  const job: JobDefinition | undefined = jobs.get(target)
  const launched = job ? resolveTarget(job).target : (flows.get(target) ?? tasks.get(target))
  if (typeof launched !== 'function') return null
  const { kind, name } = launched as { readonly kind: 'flow' | 'task'; readonly name: string }
  const ready = await prepare(definitions, {
    request: 'prepare',
    kind,
    name,
    job: job?.name ?? null,
    params,
    texts: {},
  })
  return { ...ready, tags: Object.fromEntries(ready.tags.map((tag) => [tag, ''])) }
}

function reported({ assets }: Definitions, one: Report): ReportedAsset {
  if (!assets.has(one.asset))
    throw new SluiceError('ASSET_UNKNOWN', `A sensor reported "${one.asset}", which is not defined.`)
  const { asset, partition, what, dataVersion, metadata } = one
  return { asset, partition, what, dataVersion, metadata: toMetadata(metadata) }
}

function unknown(kind: string, name: string, known: ReadonlyMap<string, unknown>): SluiceError {
  return new SluiceError('TARGET_UNKNOWN', `No ${kind} is called "${name}".`, {
    hint: known.size > 0 ? `There is: ${[...known.keys()].join(', ')}.` : 'The code has none.',
  })
}
