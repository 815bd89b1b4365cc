import { type AssetRecord, type Attribute, parseSelection, partitionStates, printSelection } from '@sluice/core'
import type { Choice } from '../elements/combobox.tsx'
import { best } from '../frame/match.ts'

/** What a selection may name. */
export interface Vocabulary {
  readonly assets: readonly Pick<AssetRecord, 'name' | 'tags' | 'owners' | 'group' | 'kinds' | 'columns'>[]
  readonly jobs: readonly string[]
  readonly schedules: readonly string[]
  readonly sensors: readonly string[]
  readonly locations: readonly string[]
}

/** One way to go on: `insert` stands where the text from `from` to `to` is. */
export interface Completion extends Choice {
  readonly insert: string
  readonly from: number
  readonly to: number
}

const most = 40

/** What can be asked of assets, and what it means. */
const asked: Readonly<Partial<Record<Attribute, string>>> = {
  key: 'by name, with * for any letters',
  group: 'of a group',
  tag: 'with a tag, or tag:NAME=VALUE',
  owner: 'of an owner',
  kind: 'of a kind',
  status: 'by state',
  is: 'made here or elsewhere',
  column: 'with a column',
  location: 'of a location',
  job: 'of a job',
  schedule: 'of a schedule',
  sensor: 'of a sensor',
}

const starts: readonly (readonly [string, string])[] = [
  ['not ', 'all but'],
  ['sinks()', 'those that nothing of it is made from'],
  ['roots()', 'those that are made from nothing of it'],
  ['*', 'all'],
]
const operators: readonly (readonly [string, string])[] = [
  ['and ', 'in both'],
  ['or ', 'in either'],
  ['and not ', 'and not in'],
]

/** Pure: what may stand at the text cursor, the best match first. */
export function completions(text: string, caret: number, words: Vocabulary): Completion[] {
  const before = text.slice(0, caret)
  const value = /(?<attribute>[a-z_]+):(?:(?<tag>"[^"]*"|[\w-]+)=)?(?<typed>"[^"]*|[^\s"()=+]*)$/.exec(before)
  const attribute = value?.groups!['attribute'] as Attribute | undefined
  if (value && attribute && Object.hasOwn(asked, attribute)) {
    const tag = value.groups!['tag']
    const typed = value.groups!['typed']!.replace('"', '')
    const from = value.index
    // A quotation mark behind the cursor, which was typed before, is part of the value.
    const to = caret + /^[^\s"()=+]*"?/.exec(text.slice(caret))![0].length
    const all = valuesOf(attribute, tag?.replaceAll('"', ''), words)
    return best(all, typed, ({ value: one }) => one, most).map(({ value: one, note }) => {
      const given =
        attribute === 'tag' && tag !== undefined ? { value: tag.replaceAll('"', ''), tagValue: one } : { value: one }
      const insert =
        one === '<null>' ? `${attribute}:<null>` : printSelection({ kind: 'attribute', attribute, ...given })
      return { id: insert, word: insert, insert, from, to, ...(note !== undefined && { note }) }
    })
  }
  const typed = /[\w./*-]*$/.exec(before)![0]
  const from = caret - typed.length
  const head = before.slice(0, from).trimEnd()
  // Behind a value or a parenthesis only an operator can follow.
  const isBehind =
    head !== '' && !/(?:^|[\s(+])(?:and|or|not|AND|OR|NOT)$|[(+]$/.test(head) && /\s$/.test(before.slice(0, from))
  if (isBehind) return asChoices(operators, typed, { from, to: caret })
  const attributes = Object.entries(asked).map(([name, note]) => [`${name}:`, note] as const)
  const range = { from, to: caret }
  const isAlone =
    text.slice(0, from).replaceAll('+', '').trim() === '' && text.slice(caret).replaceAll('+', '').trim() === ''
  const names = best(words.assets, typed, ({ name }) => name, typed === '' ? 0 : most).map(({ name }) => {
    const insert = isAlone && isName(name) ? name : printSelection({ kind: 'attribute', attribute: 'key', value: name })
    return { id: `asset ${name}`, word: insert, note: 'asset', insert, ...range }
  })
  const known = asChoices([...attributes, ...starts], typed, range)
  // `tag` begins so; that a name has the same letters somewhere counts less.
  return [...known.filter(({ word }) => word.startsWith(typed)), ...names].slice(0, most)
}

const isName = (name: string): boolean => {
  try {
    return parseSelection(name).kind === 'name'
  } catch {
    return false
  }
}

const asChoices = (
  words: readonly (readonly [string, string])[],
  typed: string,
  range: { readonly from: number; readonly to: number },
): Completion[] =>
  best(words, typed, ([word]) => word, most).map(([word, note]) => ({
    id: word,
    word: word.trim(),
    note,
    insert: word,
    ...range,
  }))

function valuesOf(
  attribute: Attribute,
  tag: string | undefined,
  { assets, jobs, schedules, sensors, locations }: Vocabulary,
): { readonly value: string; readonly note?: string }[] {
  const counted = (of: (asset: Vocabulary['assets'][number]) => readonly string[]) => {
    const counts = new Map<string, number>()
    for (const asset of assets) for (const value of of(asset)) counts.set(value, (counts.get(value) ?? 0) + 1)
    const known = [...counts].map(([value, count]) => ({ value, note: String(count) }))
    return known.sort((a, b) => (a.value < b.value ? -1 : 1))
  }
  const named = (names: readonly string[]) => names.map((value) => ({ value }))
  const none = { value: '<null>', note: 'none' }
  switch (attribute) {
    case 'key':
      return named(assets.map(({ name }) => name))
    case 'group':
      return [...counted(({ group }) => (group === undefined ? [] : [group])), none]
    case 'owner':
      return [...counted(({ owners = [] }) => owners), none]
    case 'kind':
      return [...counted(({ kinds = [] }) => kinds), none]
    case 'column':
      return counted(({ columns }) => (columns ?? []).map(({ name }) => name))
    case 'tag':
      return tag === undefined
        ? counted(({ tags = {} }) => Object.keys(tags))
        : counted(({ tags = {} }) => (tags[tag] === undefined ? [] : [tags[tag]]))
    case 'status':
      return named(partitionStates)
    case 'is':
      return named(['external', 'materializable'])
    case 'location':
      return named(locations)
    case 'job':
      return named(jobs)
    case 'schedule':
      return named(schedules)
    case 'sensor':
      return named(sensors)
    default:
      return []
  }
}
