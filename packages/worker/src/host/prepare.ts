import { type Definitions, SluiceError, encode, resolveTarget, runLimitsOf } from '@sluice/core'
import type { PrepareRequest, Prepared } from '../messages.ts'

/**
 * Makes the params of a run out of what a person gave, and refuses wrong ones before there is a run. A text from the
 * command line is read as JSON where it is JSON, unless the schema wants it as it stands.
 */
export async function prepare(
  { flows, tasks, jobs }: Definitions,
  { kind, name, job, params, texts, partition }: PrepareRequest,
): Promise<Prepared> {
  const launched = job === null ? undefined : jobs.get(job)
  const defaults = (launched && (resolveTarget(launched, undefined, partition).params as Params | undefined)) ?? {}
  if (kind === 'task') {
    const task = tasks.get(name)
    return {
      params: encode(taskArgs(name, params, texts), { code: 'ARGUMENT_NOT_STORABLE' }),
      title: null,
      tags: task?.options.tags ?? [],
      limits: [],
    }
  }
  const flow = flows.get(name)
  if (!flow) throw new SluiceError('TARGET_UNKNOWN', `No flow is called "${name}".`)
  const { parseParams, titleOf } = await import('@sluice/engine')
  const base = { ...defaults, ...objectOf(name, params) }
  const guesses = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, guess(text)]))
  const { given, parsed } = await firstThatFits(
    [{ ...base, ...guesses }, ...alternatives(base, guesses, texts)],
    (one) => parseParams(flow, one),
  )
  const isGiven = params !== undefined || Object.keys(given).length > 0
  return {
    params: isGiven ? encode(given, { code: 'ARGUMENT_NOT_STORABLE' }) : null,
    title: titleOf(flow.options.runName, parsed),
    tags: flow.options.tags ?? [],
    limits: runLimitsOf(launched ?? flow, parsed),
  }
}

type Params = Readonly<Record<string, unknown>>

/** What was guessed to be a number, a boolean or JSON may be meant as text: each such text by itself, then all. */
function alternatives(base: Params, guesses: Params, texts: Readonly<Record<string, string>>): Params[] {
  const doubtful = Object.keys(texts).filter((key) => typeof guesses[key] !== 'string')
  const each = doubtful.map((key) => ({ ...base, ...guesses, [key]: texts[key] }))
  return doubtful.length > 1 ? [...each, { ...base, ...texts }] : each
}

async function firstThatFits(
  candidates: readonly Params[],
  parse: (one: Params) => Promise<unknown>,
): Promise<{ given: Params; parsed: unknown }> {
  let first: unknown
  for (const candidate of candidates) {
    try {
      return { given: candidate, parsed: await parse(candidate) }
    } catch (error) {
      first ??= error
    }
  }
  throw first
}

function guess(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function objectOf(name: string, params: unknown): Params {
  if (params === undefined) return {}
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params as Params
  throw new SluiceError('PARAMS_INVALID', `The params of flow "${name}" are no object.`, {
    hint: `Give --params '{"name": "value"}'.`,
  })
}

function taskArgs(name: string, params: unknown, texts: Readonly<Record<string, string>>): readonly unknown[] {
  if (Object.keys(texts).length > 0 || (params !== undefined && !Array.isArray(params))) {
    throw new SluiceError('PARAMS_INVALID', `Task "${name}" takes arguments by position, not by name.`, {
      hint: `Give them as a list: --params '[1, "two"]'.`,
    })
  }
  return (params as readonly unknown[] | undefined) ?? []
}
