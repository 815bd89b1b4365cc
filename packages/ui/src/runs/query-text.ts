import type { RunState } from '@sluice/core'
import { type RunsSearch, given, runStates } from './search.ts'
import { activeStates } from './words.ts'

/** What a word of the query may begin with, and what it then means. */
export const queryWords = {
  state: 'in a state, or in one of several: failed,crashed',
  job: 'launched by a job',
  asset: 'that makes or tests an asset',
  tag: 'with a tag, or tag:NAME=VALUE',
  owner: 'that somebody answers for',
} as const
export type QueryWord = keyof typeof queryWords
export type Query = Pick<RunsSearch, Exclude<QueryWord, 'state'> | 'states' | 'text'>

/** `active` stands for every state that is not the end. */
export const stateWords: readonly string[] = ['active', ...runStates]

export const isQueryWord = (name: string): name is QueryWord => Object.hasOwn(queryWords, name)

/** `owner:team:data tag:"a b" orders`: words with a name in front are filters; the others are looked for in names. */
export function parseQuery(typed: string): Query {
  const query: { -readonly [K in keyof Query]: Query[K] } = {}
  const free: string[] = []
  for (const [word] of typed.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    const name = word.slice(0, Math.max(0, word.indexOf(':')))
    const plain = (text: string): string => text.replaceAll('"', '')
    const value = plain(word.slice(name.length + 1))
    const states = statesIn(value)
    // A name without anything behind it is still being typed, and so is a state that is none.
    if (!isQueryWord(name)) free.push(plain(word))
    else if (name === 'state' && states.length > 0) query.states = states
    else if (name !== 'state' && value !== '') query[name] = value
  }
  const text = free.join(' ').trim()
  return given({ ...query, text: text === '' ? undefined : text })
}

function statesIn(value: string): readonly RunState[] {
  const words = value.split(',')
  return runStates.filter(
    (state) => words.includes(state) || (words.includes('active') && activeStates.includes(state)),
  )
}

function statesText(states: readonly RunState[]): string {
  const isActive = activeStates.every((state) => states.includes(state))
  return [
    ...(isActive ? ['active'] : []),
    ...states.filter((state) => !isActive || !activeStates.includes(state)),
  ].join(',')
}

/** A word of the query, in quotation marks where there is a space in it. */
export const wordOf = (name: QueryWord, value: string): string => `${name}:${/\s/.test(value) ? `"${value}"` : value}`

/** What to type for it. */
export function queryText({ states, text, ...query }: Query): string {
  const named = (Object.keys(queryWords) as QueryWord[]).flatMap((name) => {
    const value = name === 'state' ? states && statesText(states) : query[name]
    return value === undefined ? [] : [wordOf(name, value)]
  })
  return [...named, ...(text === undefined ? [] : [text])].join(' ')
}
