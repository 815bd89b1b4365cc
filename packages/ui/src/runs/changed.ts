import type { LocationVersion, Materialization, Run } from '@sluice/core'
import { duration } from '../elements/time-text.ts'
import { encodedText, valueText } from '../values/value-text.ts'
import { jsonParams } from '../flows/params.ts'

/** What is other than it was: its name, before, and now. */
export interface Change {
  readonly what: string
  readonly before: string
  readonly now: string
}

export interface Made {
  readonly run: Run
  /** What it recorded of assets. */
  readonly records: readonly Pick<Materialization, 'asset' | 'partition' | 'inputVersions'>[]
}

type Version = Pick<LocationVersion, 'version' | 'git' | 'parts'>

/** How many times as long, or as short, is worth a word. */
const much = 2

const none = 'nothing'

/**
 * What differs between a run and one of the same before it: code, params, environment, terms, what assets were made from,
 * and how long it took where that is much. Nothing that is the same is told.
 *
 * @param versions Of the location's code, for the commits behind them.
 */
export function changesBetween(before: Made, now: Made, versions: readonly Version[]): Change[] {
  return [
    ...codeChanges(before.run.codeVersion, now.run.codeVersion, versions),
    ...paramChanges(before.run, now.run),
    ...recordChanges('environment', before.run.terms?.env ?? {}, now.run.terms?.env ?? {}),
    ...recordChanges('tag', before.run.tags, now.run.tags),
    ...recordChanges('', termsOf(before.run), termsOf(now.run)),
    ...recordChanges('input', inputsOf(before), inputsOf(now)),
    ...durationChange(before.run, now.run),
  ]
}

/** Which parts of the code's version are other: the code itself, its configuration, its lockfile. */
function codeChanges(before: string | null, now: string | null, versions: readonly Version[]): Change[] {
  if (before === now) return []
  const partsOf = (version: string | null) => versions.find((one) => one.version === version)?.parts
  const [old, young] = [partsOf(before), partsOf(now)]
  const code = { what: 'code', before: versionText(before, versions), now: versionText(now, versions) }
  // Where nobody said what they are made of, and where a version was named by hand, all of it is the code.
  if (!old || !young) return [code]
  const others = recordChanges('', old, young)
  return others.length === 0 ? [code] : others.map((one) => (one.what === 'code' ? code : shortened(one)))
}

const shortened = ({ what, before, now }: Change): Change => ({
  what,
  before: before.slice(0, 8),
  now: now.slice(0, 8),
})

function versionText(version: string | null, versions: readonly Version[]): string {
  if (version === null) return 'not known'
  const git = versions.find((one) => one.version === version)?.git
  if (!git) return version.slice(0, 12)
  const message = git.message === null ? '' : ` ${git.message.split('\n')[0]}`
  return `commit ${git.commit.slice(0, 8)}${git.dirty ? ' and changes that are not committed' : ''}${message}`
}

function paramChanges(before: Run, now: Run): Change[] {
  if (before.params === now.params) return []
  const texts = (encoded: string | null): Record<string, string> =>
    Object.fromEntries(Object.entries(jsonParams(encoded)).map(([name, value]) => [name, valueText(value)]))
  const named = recordChanges('param', texts(before.params), texts(now.params))
  if (named.length > 0) return named
  const text = ({ params }: Run): string => (params === null ? none : encodedText(params))
  return [{ what: 'params', before: text(before), now: text(now) }]
}

function termsOf({ terms, target }: Run): Record<string, string> {
  const partitions = 'partitions' in target && target.partitions ? target.partitions.join(', ') : ''
  return {
    ...(terms && { pool: terms.pool, location: terms.location, priority: String(terms.priority) }),
    ...(terms?.memory != null && { memory: String(terms.memory) }),
    ...(terms?.maxDuration != null && { 'time limit': duration(terms.maxDuration) }),
    ...(partitions !== '' && { partitions }),
  }
}

/** The data version of each input of each asset; of several partitions the newest word counts. */
const inputsOf = ({ records }: Made): Record<string, string> =>
  Object.fromEntries(
    records.flatMap(({ asset, inputVersions }) =>
      Object.entries(inputVersions ?? {}).map(([input, version]) => [`${input} of ${asset}`, version || none]),
    ),
  )

function recordChanges(
  what: string,
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => ({
      what: what === '' ? name : `${what} ${name}`,
      before: before[name] ?? none,
      now: now[name] ?? none,
    }))
}

function durationChange(before: Run, now: Run): Change[] {
  const [was, is] = [took(before), took(now)]
  // Of a moment, twice as much says nothing.
  if (was === null || is === null || Math.max(was, is) < 1_000) return []
  if (is < was * much && was < is * much) return []
  return [{ what: 'duration', before: duration(was), now: duration(is) }]
}

const took = ({ startedAt, endedAt }: Run): number | null =>
  startedAt === null || endedAt === null ? null : endedAt - startedAt
