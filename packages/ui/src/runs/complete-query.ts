import type { Run } from '@sluice/core'
import { type Location, assetsOf, launchables } from '../definitions/queries.ts'
import type { Choice } from '../elements/combobox.tsx'
import { best } from '../frame/match.ts'
import { type QueryWord, isQueryWord, queryWords, stateWords, wordOf } from './query-text.ts'
import { tagTexts } from './words.ts'

/** What a query may name. */
export interface QueryVocabulary {
  readonly jobs: readonly string[]
  readonly assets: readonly string[]
  /** Flows and tasks: words of a run's name. */
  readonly names: readonly string[]
  readonly owners: readonly string[]
  /** `team`, `team=data`. */
  readonly tags: readonly string[]
}

/** One way to go on: `insert` stands where the text from `from` to `to` is. */
export interface QueryCompletion extends Choice {
  readonly insert: string
  readonly from: number
  readonly to: number
}

const most = 40

/** Pure: what may stand at the text cursor, the best match first. */
export function queryCompletions(text: string, caret: number, words: QueryVocabulary): QueryCompletion[] {
  const [before, behind] = [text.slice(0, caret), text.slice(caret)]
  // A word that brings its space takes the place of the one that is there.
  const placed = (part: Part, from: number, rest: string): QueryCompletion => {
    const space = part.insert.endsWith(' ') && /^\s/.test(behind.slice(rest.length)) ? 1 : 0
    return { ...part, from, to: caret + rest.length + space }
  }
  const value = /(?:^|\s)(?<name>[a-z]+):(?<typed>"[^"]*|[^\s"]*)$/.exec(before)?.groups
  const name = value?.['name']
  if (value && name !== undefined && isQueryWord(name)) {
    const typed = value['typed']!
    const from = caret - typed.length - name.length - 1
    // A quotation mark behind the cursor, which was typed before, is part of the value.
    const [rest] = (typed.startsWith('"') ? /^[^"]*"?/ : /^[^\s"]*/).exec(behind)!
    return valueCompletions(name, typed.replace('"', ''), words).map((part) => placed(part, from, rest))
  }
  const [typed] = /\S*$/.exec(before)!
  const [rest] = /^[^\s":]*:?/.exec(behind)!
  return wordCompletions(typed, words).map((part) => placed(part, caret - typed.length, rest))
}

type Part = Pick<QueryCompletion, 'id' | 'word' | 'note' | 'insert'>

const partOf = (insert: string, note?: string): Part => ({
  id: insert,
  word: insert.trim(),
  insert,
  ...(note !== undefined && { note }),
})

/** Behind a value comes the next word. */
const valuePart = (name: QueryWord, value: string): Part => partOf(`${wordOf(name, value)} `)

function valueCompletions(name: QueryWord, typed: string, words: QueryVocabulary): Part[] {
  if (name !== 'state') return best(words[`${name}s`], typed, (one) => one, most).map((one) => valuePart(name, one))
  const end = typed.lastIndexOf(',') + 1
  const given = typed.slice(0, end)
  const others = stateWords.filter((state) => !given.split(',').includes(state))
  return best(others, typed.slice(end), (one) => one, most).map((one) => valuePart(name, given + one))
}

/** What can be asked, and what is called so. */
function wordCompletions(typed: string, words: QueryVocabulary): Part[] {
  const asked = Object.entries(queryWords)
    .filter(([name]) => name.startsWith(typed))
    .map(([name, note]) => partOf(`${name}:`, note))
  if (typed === '') return asked
  const named: readonly (readonly [value: string, part: Part])[] = [
    ...stateWords.map((one) => [one, valuePart('state', one)] as const),
    ...words.jobs.map((one) => [one, valuePart('job', one)] as const),
    ...words.assets.map((one) => [one, valuePart('asset', one)] as const),
    ...words.names.map((one) => [one, partOf(`${one} `, 'in the name')] as const),
    ...words.owners.map((one) => [one, valuePart('owner', one)] as const),
    ...words.tags.map((one) => [one, valuePart('tag', one)] as const),
  ]
  return [...asked, ...best(named, typed, ([value]) => value, most).map(([, part]) => part)].slice(0, most)
}

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1))

/** What is defined now, and what the runs that are shown have besides. */
export function queryVocabulary(
  locations: readonly Location[],
  runs: readonly Pick<Run, 'owners' | 'tags' | 'job'>[],
): QueryVocabulary {
  const all = launchables(locations)
  const assets = assetsOf(locations)
  const jobs = all.flatMap(({ kind, definition }) => (kind === 'job' ? [definition] : []))
  const schedules = locations.flatMap(({ definitions }) => [...definitions.schedules])
  return {
    jobs: sorted([...jobs.map(({ name }) => name), ...runs.flatMap(({ job }) => (job === null ? [] : [job]))]),
    assets: sorted(assets.map(({ name }) => name)),
    names: sorted(all.flatMap(({ kind, definition }) => (kind === 'job' ? [] : [definition.name]))),
    owners: sorted([
      ...all.flatMap(({ definition }) => definition.terms.owners ?? []),
      ...assets.flatMap(({ owners = [] }) => owners),
      ...runs.flatMap(({ owners }) => owners),
    ]),
    tags: sorted([...jobs, ...schedules, ...runs].flatMap(({ tags }) => tagTexts(tags))),
  }
}
