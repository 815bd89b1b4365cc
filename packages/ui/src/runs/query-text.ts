import { type RunsSearch, given } from './search.ts'

/** What a word of the query may begin with. */
export const queryWords = ['job', 'asset', 'tag', 'owner'] as const
type Word = (typeof queryWords)[number]
export type Query = Pick<RunsSearch, Word | 'text'>

/** `owner:team:data tag:"a b" orders`: words with a name in front are filters; the others are looked for in names. */
export function parseQuery(typed: string): Query {
  const query: { [K in Word | 'text']?: string } = {}
  const free: string[] = []
  for (const [word] of typed.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    const at = word.indexOf(':')
    const name = queryWords.find((one) => one === word.slice(0, at))
    const plain = (text: string): string => text.replaceAll('"', '')
    // A name without anything behind it is still being typed.
    if (name === undefined) free.push(plain(word))
    else if (at < word.length - 1) query[name] = plain(word.slice(at + 1))
  }
  const text = free.join(' ').trim()
  return given({ ...query, text: text === '' ? undefined : text })
}

/** What to type for it. */
export function queryText(query: Query): string {
  const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text)
  const named = queryWords.flatMap((name) => (query[name] === undefined ? [] : [`${name}:${quoted(query[name])}`]))
  return [...named, ...(query.text === undefined ? [] : [query.text])].join(' ')
}
