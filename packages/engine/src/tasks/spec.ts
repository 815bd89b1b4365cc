import {
  type Limit,
  type TaskDefinition,
  SluiceError,
  canonical,
  decode,
  encode,
  hash,
  milliseconds,
} from '@sluice/core'
import type { Session } from '../runs/session.ts'
import { type Frame, signalOf } from '../steps/frame.ts'
import { type Recording, type StepSpec, recordResult } from '../steps/perform.ts'
import { resultsIn } from './lineage.ts'

const previewLimit = 1_024

/** A call of a task as a step. Its identity is its name and its arguments, or the key that it was given. */
export function taskSpec(
  session: Session,
  definition: TaskDefinition,
  args: readonly unknown[],
  given: string | undefined,
): StepSpec {
  const { name, options } = definition
  const key = given ?? options.key?.(...args)
  const upstream: number[] = []
  const text = args.length === 0 ? '[]' : encodeArgs(args, key !== undefined, resultsIn(session.run.id, upstream))
  const base = key === undefined ? `${name}:${text === '[]' ? '' : hash(text!)}` : `${name}:=${key}`
  const { limit } = options
  const limits: readonly Limit[] =
    limit === undefined ? [] : [typeof limit === 'function' ? limit(...args) : limit].flat()
  const cache = options.cache ? cacheKey(definition, args, key) : undefined
  return {
    kind: definition.inline ? 'step' : 'task',
    name,
    base,
    key: key ?? null,
    keyed: key !== undefined,
    args: text !== null && text !== '[]' && text.length <= previewLimit ? text : null,
    upstream: upstream.length > 0 ? upstream : null,
    retries: options.retries,
    timeout: options.timeout,
    limits,
    tags: options.tags ?? [],
    body:
      options.isolate === 'process'
        ? (frame) => isolated(session, definition, args, frame)
        : () => definition.run(...args),
    record:
      cache === undefined ? recordResult : (value, frame) => recordCached(session, definition, value, frame, cache),
    ...(cache === undefined || refreshes(definition)
      ? {}
      : { cached: () => session.store.cache.get(cache, session.clock.now()) }),
  }
}

function encodeArgs(
  args: readonly unknown[],
  keyed: boolean,
  onObject: ((value: object) => void) | undefined,
): string | null {
  try {
    return encode(args, { code: 'ARGUMENT_NOT_STORABLE', ...(onObject && { onObject }) })
  } catch (error) {
    if (keyed) return null
    throw error
  }
}

async function isolated(
  session: Session,
  definition: TaskDefinition,
  args: readonly unknown[],
  frame: Frame,
): Promise<unknown> {
  if (!session.isolate) {
    throw new SluiceError(
      'ISOLATED_CALL',
      `"${definition.name}" wants a process of its own, and there is none to be had here.`,
      {
        hint: 'Run the file with `sluice run`, or call the task without isolate in a test.',
      },
    )
  }
  if (definition.inline) {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `The inline step "${definition.name}" cannot run in a process of its own: its function is known only here.`,
      {
        hint: `Make it a task that the file exports: export const ${definition.name} = task('${definition.name}', { isolate: 'process' }, …).`,
      },
    )
  }
  const result = await session.isolate.run({
    task: definition.name,
    place: definition.place(),
    args: encode(args, { code: 'ARGUMENT_NOT_STORABLE' }),
    signal: signalOf(frame),
    log: (level, message, data) =>
      session.log({ step: frame.entry.step, attempt: frame.attempt, at: session.clock.now(), level, message, data }),
  })
  return decode(result)
}

function cacheKey(definition: TaskDefinition, args: readonly unknown[], key: string | undefined): string {
  const { cache } = definition.options
  const version = (typeof cache === 'object' ? cache.version : undefined) ?? hash(String(definition.run))
  return `${definition.name}:${version}:${key === undefined ? hash(canonical(args, { code: 'ARGUMENT_NOT_STORABLE' })) : `=${key}`}`
}

function refreshes({ options: { cache } }: TaskDefinition): boolean {
  return typeof cache === 'object' && cache.refresh === true
}

async function recordCached(
  session: Session,
  definition: TaskDefinition,
  value: unknown,
  frame: Frame,
  key: string,
): Promise<Recording> {
  const recording = await recordResult(value, frame)
  const { cache } = definition.options
  const at = session.clock.now()
  const expiresAt = typeof cache === 'object' && cache.for !== undefined ? at + milliseconds(cache.for) : null
  const put = {
    change: 'cache.put',
    epoch: session.run.epoch,
    run: session.run.id,
    step: frame.entry.step,
    key,
    value: recording.result!,
    at,
    expiresAt,
  } as const
  return { ...recording, changes: [...recording.changes, put] }
}
